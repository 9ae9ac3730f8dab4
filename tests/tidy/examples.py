#!/usr/bin/env python3
"""The example in each public header compiles, and where it stands on its own, runs.

usage: examples.py CC LIBRARY
An example shows the ten lines that matter; what it takes for granted stands here.
"""

import os
import re
import subprocess
import sys
import tempfile

import headers
import tree

GREET = """
static void greet(void *context, asl_task *task)
{
    (void)context;
    asl_task_succeed(task, asl_value_string(NULL, "hello"), NULL);
}
"""
DOCUMENT = r"""
static const char text[] =
    "{\"StartAt\":\"Greet\",\"States\":{\"Greet\":{\"Type\":\"Task\","
    "\"Resource\":\"arn:aws:states:::local:greet\",\"End\":true}}}";
"""
LOADED = """
    asl_definition *definition = NULL;
    asl_definition_load(text, sizeof text - 1, NULL, &definition, NULL, NULL);
"""
ENGINE = LOADED + """
    asl_task_handler served = {.size = sizeof served, .start = greet};
    asl_engine *engine = NULL;
    asl_engine_open(NULL, &engine, NULL);
"""
# header: (before main, first in main, last in main, what it prints)
GIVEN = {
    "definition.h": (DOCUMENT, "size_t size = sizeof text - 1;", "(void)status;", ""),
    "engine.h": (
        GREET + DOCUMENT,
        LOADED + "asl_task_handler handler = {.size = sizeof handler, .start = greet};",
        'asl_definition_unref(definition); puts("done");',
        "done\n",
    ),
    "error.h": (
        "",
        'asl_store_options options = {.size = sizeof options, .path = "/nowhere/at/all",'
        " .flags = ASL_STORE_READ_ONLY}; asl_store *store = NULL;",
        'puts("went on");',
        "went on\n",
    ),
    "execution.h": (
        GREET + DOCUMENT,
        ENGINE + 'asl_engine_register(engine, "arn:aws:states:::local:greet", &served, NULL);'
        ' asl_engine_add_machine(engine, "order", definition, NULL);'
        " asl_value *input = asl_value_object(NULL); asl_error *error = NULL;",
        "puts(asl_execution_status_name(asl_execution_status_of(execution)));"
        " asl_execution_unref(execution); asl_engine_free(engine); asl_value_unref(input);"
        " asl_definition_unref(definition);",
        "SUCCEEDED\n",
    ),
    "graph.h": (
        DOCUMENT,
        LOADED + r"""const char events[] = "{\"events\":[]}"; asl_error *error = NULL;
    asl_history *history = NULL;
    asl_history_parse(NULL, events, sizeof events - 1, &history, NULL);""",
        "asl_history_free(history); asl_definition_unref(definition);",
        'flowchart TD\naccTitle: State machine\nn1(("Start"))\nn2((("End")))\n'
        'n0["Greet<br>Task \u00b7 local:greet"]\nn1 --> n0\nn0 --> n2\n\n',
    ),
    "heap.h": (
        """
static size_t my_counter;
static void *my_allocate(void *context, size_t size)
{
    *(size_t *)context += size;
    return malloc(size);
}
static void *my_reallocate(void *context, void *pointer, size_t old_size, size_t new_size)
{
    *(size_t *)context += new_size - old_size;
    return realloc(pointer, new_size);
}
static void my_release(void *context, void *pointer, size_t size)
{
    *(size_t *)context -= size;
    free(pointer);
}
""",
        "",
        'asl_value_append(&array, asl_value_integer(&counted, 1000000));'
        ' puts(my_counter > 0 ? "counted" : "not counted"); asl_value_unref(array);'
        ' puts(my_counter == 0 ? "all given back" : "lost");',
        "counted\nall given back\n",
    ),
    "history.h": (
        "",
        "asl_store_options options = {.size = sizeof options}; asl_store *store = NULL;"
        " asl_store_open(&options, &store, NULL); uint64_t number = 1; asl_error *error = NULL;",
        'puts(error ? "none" : "some"); asl_error_free(error); asl_store_close(store);',
        "none\n",
    ),
    "jsonata.h": (
        "",
        r'''const char json[] = "{\"items\":[{\"price\":2},{\"price\":3}]}";
    asl_value *input = NULL;
    asl_value_parse(NULL, json, sizeof json - 1, 0, &input, NULL);''',
        "int64_t total = 0; asl_value_get_integer(sum, &total);"
        r' printf("%d\n", (int)total); asl_value_unref(sum); asl_value_unref(input);',
        "5\n",
    ),
    "limits.h": (
        "",
        "",
        "asl_engine_options options = {.size = sizeof options, .limits = &limits};"
        " asl_engine *engine = NULL; asl_engine_open(&options, &engine, NULL);"
        " asl_engine_free(engine);",
        "",
    ),
    "queue.h": (
        """
static void on_sent(void *context, int status)
{
    (void)context;
    puts(status == ASL_OK ? "sent" : "not sent");
}
static void on_received(void *context, int status, const asl_message *messages, size_t count)
{
    (void)context;
    (void)status;
    printf("%s\\n", count == 1 ? messages[0].id : "too many");
}
""",
        'asl_engine *engine = NULL; asl_engine_open(NULL, &engine, NULL);'
        ' const char *text = "{}"; size_t size = 2;',
        "while (asl_engine_next_deadline(engine) == 0) { asl_engine_dispatch(engine, 0); }"
        "\n    asl_queue_close(queue); asl_engine_free(engine);",
        "sent\norder-7\n",
    ),
    "store.h": ("", "", "", ""),
    "table.h": (
        DOCUMENT + "static void finish(void *context, asl_task *task)\n{\n"
        "    (void)context;\n    const char *id = asl_task_execution(task);\n"
        "    const asl_value *order = asl_task_input(task);\n",
        None,
        """}
int main(void)
{
""" + ENGINE.replace("served, .start = greet", "served, .start = finish")
        + """
    asl_store *store = NULL;
    asl_store_options in_memory = {.size = sizeof in_memory};
    asl_store_open(&in_memory, &store, NULL);
    asl_engine_free(engine);
    asl_engine_options options = {.size = sizeof options, .store = store};
    asl_engine_open(&options, &engine, NULL);
    asl_engine_register(engine, "arn:aws:states:::local:greet", &served, NULL);
    asl_engine_add_machine(engine, "shop", definition, NULL);
    asl_start start = {.size = sizeof start, .machine = "shop", .name = "order-7"};
    asl_execution *execution = NULL;
    asl_execution_start(engine, &start, &execution, NULL);
    asl_engine_run(engine, execution, -1, NULL);
    asl_value *row = NULL;
    asl_table_get_value(store, "order", "order-7", 7, &row, NULL);
    puts(asl_value_kind(row) == ASL_KIND_OBJECT ? "written" : "lost");
    asl_value_unref(row);
    asl_execution_unref(execution);
    asl_engine_free(engine);
    asl_store_close(store);
    asl_definition_unref(definition);
    return 0;
}
""",
        "written\n",
    ),
    "task.h": (
        "",
        DOCUMENT.replace("static ", "") + "asl_engine *engine = NULL; (void)text;"
        " asl_engine_open(NULL, &engine, NULL);",
        'asl_engine_free(engine); puts("registered");',
        "registered\n",
    ),
    "upkeep.h": ("", "", "", ""),
    "value.h": ("", "", "", '{"name":"Pizza","quantity":3}\n'),
}


def program(path):
    """The example as a whole program: functions before main, statements in it."""
    before, first, last, _ = GIVEN[path.name]
    example = headers.example(path)
    functions = re.match(r"(?:static .*?\n}\n)?", example, re.S).group()
    start = "" if first is None else functions + "int main(void)\n{\n" + first + "\n"
    end = last if first is None else last + "\n    return 0;\n}\n"
    return (
        "#include <asl/asl.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
        + before + start + example[len(functions) :] + end
    )


def run_problem(compiler, library, path, folder):
    source = os.path.join(folder, "example.c")
    binary = os.path.join(folder, "example")
    with open(source, "w") as stream:
        stream.write(program(path))
    folder_of_library = os.path.dirname(os.path.abspath(library))
    command = [compiler, "-std=c11", "-Wall", "-Werror", "-I", str(tree.ROOT / "include")]
    command += [source, "-o", binary, library, "-Wl,-rpath," + folder_of_library]
    command += os.environ.get("EXAMPLE_FLAGS", "").split()
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode:
        return "%s: its example does not compile:\n%s" % (tree.name(path), built.stderr)
    ran = subprocess.run([binary], capture_output=True, text=True, timeout=240)
    if ran.returncode or ran.stdout != GIVEN[path.name][3]:
        return "%s: its example ended with %d and printed:\n%s%s" % (
            tree.name(path), ran.returncode, ran.stdout, ran.stderr)
    return None


def main(arguments):
    compiler, library = arguments
    paths = [path for path in headers.public_headers() if path.name != "asl.h"]
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            problem = run_problem(compiler, library, path, folder)
            if problem:
                problems.append(problem)
    return tree.finish("examples", len(paths), problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
