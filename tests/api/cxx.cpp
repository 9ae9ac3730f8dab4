// A host in C++: a class is the handler, and the values, the engine, the history and its pages are
// used as a C++ program would. It prints the history of one execution.
#include <asl/asl.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace
{

template <typename T, void (*Free)(T *)> struct Deleter {
    void operator()(T *object) const
    {
        Free(object);
    }
};
template <typename T, void (*Free)(T *)> using Owned = std::unique_ptr<T, Deleter<T, Free>>;

using Value = Owned<asl_value, asl_value_unref>;
using Definition = Owned<asl_definition, asl_definition_unref>;
using Engine = Owned<asl_engine, asl_engine_free>;
using Store = Owned<asl_store, asl_store_close>;
using Execution = Owned<asl_execution, asl_execution_unref>;
using History = Owned<asl_history, asl_history_free>;
using Description = Owned<asl_description, asl_description_free>;

class Greeter
{
  public:
    static void start(void *context, asl_task *task)
    {
        Greeter *self = static_cast<Greeter *>(context);
        const asl_value *name = asl_value_get(asl_task_input(task), "name");
        std::string text = self->greeting_ + ", " + asl_value_get_string(name, nullptr);
        self->calls++;
        asl_task_succeed(task, asl_value_string(nullptr, text.c_str()), nullptr);
    }
    int calls = 0;

  private:
    std::string greeting_ = "hello";
};

const char document[] = R"({"StartAt": "Greet", "States": {"Greet": {
    "Type": "Task", "Resource": "arn:aws:states:::local:greet", "End": true}}})";

int fail(const char *what, asl_error *error)
{
    std::fprintf(stderr, "%s: %s\n", what, error ? asl_error_message(error) : "failed");
    asl_error_free(error);
    return 1;
}

// Page by page, as a server would hand it out.
int print_history(asl_store *store, const asl_execution *execution)
{
    std::string token;
    asl_page_options options = asl_page_options();
    options.size = sizeof options;
    options.max_results = 3;
    do {
        asl_error *error = nullptr;
        asl_history *read = nullptr;
        options.token = token.empty() ? nullptr : token.c_str();
        if (asl_history_read_page(store, asl_execution_number(execution), &options, &read,
                                  &error) != ASL_OK)
            return fail("history", error);
        History page(read);
        for (size_t i = 0; i < asl_history_count(page.get()); i++)
            std::puts(asl_history_at(page.get(), i)->type);
        const char *next = asl_history_next_token(page.get());
        token = next ? next : "";
    } while (!token.empty());
    return 0;
}

// By its ARN, from the store alone.
int check_description(asl_store *store, const asl_execution *execution)
{
    asl_error *error = nullptr;
    asl_description *described = nullptr;
    uint64_t number = 0;
    if (asl_store_find_arn(store, asl_execution_arn(execution), &number, &error) != ASL_OK ||
        asl_store_describe(store, number, &described, &error) != ASL_OK)
        return fail("description", error);
    Description description(described);
    bool is_right = description->status == ASL_EXECUTION_SUCCEEDED &&
                    description->machine == std::string("greet") && !description->error;
    return is_right ? 0 : fail("description", nullptr);
}

} // namespace

int main()
{
    asl_error *error = nullptr;
    asl_definition *loaded = nullptr;
    if (asl_definition_load(document, std::strlen(document), nullptr, &loaded, nullptr, &error))
        return fail("load", error);
    Definition definition(loaded);

    asl_store_options in_memory = asl_store_options();
    in_memory.size = sizeof in_memory;
    asl_store *opened_store = nullptr;
    if (asl_store_open(&in_memory, &opened_store, &error) != ASL_OK)
        return fail("store", error);
    Store store(opened_store);

    asl_engine_options options = asl_engine_options();
    options.size = sizeof options;
    options.store = store.get();
    asl_engine *opened = nullptr;
    if (asl_engine_open(&options, &opened, &error) != ASL_OK)
        return fail("engine", error);
    Engine engine(opened);

    Greeter greeter;
    asl_task_handler handler = asl_task_handler();
    handler.size = sizeof handler;
    handler.start = Greeter::start;
    handler.context = &greeter;
    asl_engine_register(engine.get(), "arn:aws:states:::local:greet", &handler, nullptr);
    asl_engine_add_machine(engine.get(), "greet", definition.get(), nullptr);

    asl_value *object = asl_value_object(nullptr);
    asl_value_set(&object, "name", asl_value_string(nullptr, "C++"));
    Value input(object);
    asl_start start = asl_start();
    start.size = sizeof start;
    start.machine = "greet";
    start.input = input.get();
    asl_execution *started = nullptr;
    if (asl_execution_start(engine.get(), &start, &started, &error) != ASL_OK)
        return fail("start", error);
    Execution execution(started);
    if (asl_engine_run(engine.get(), execution.get(), -1, &error) != ASL_OK)
        return fail("run", error);

    const char *output = asl_value_get_string(asl_execution_output(execution.get()), nullptr);
    if (greeter.calls != 1 || !output || std::strcmp(output, "hello, C++") != 0)
        return fail("output", nullptr);
    if (check_description(store.get(), execution.get()) != 0)
        return 1;
    return print_history(store.get(), execution.get());
}
