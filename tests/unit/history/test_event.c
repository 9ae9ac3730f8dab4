/* Event types by name, and lists that own what they hold. */
#include "events.h"
#include "fault_heap.h"

START_TEST(every_type_has_a_name_that_finds_it)
{
    for (int type = ASL_EVENT_NONE + 1; type <= (int)ASL_EVENT_AWS_LAST; type++) {
        const char *name = asl_event_type_name((asl_event_type)type);
        ck_assert_ptr_nonnull(name);
        ck_assert_int_eq(asl_event_type_find(name, strlen(name)), type);
    }
}
END_TEST

START_TEST(notes_and_unknown_names_have_none)
{
    ck_assert_ptr_null(asl_event_type_name(ASL_EVENT_NONE));
    ck_assert_ptr_null(asl_event_type_name(ASL_NOTE_WAITING));
    ck_assert_ptr_null(asl_event_type_name(ASL_NOTE_LAST));
    ck_assert_int_eq(asl_event_type_find("PassStateEntere", 15), ASL_EVENT_NONE);
    ck_assert_int_eq(asl_event_type_find("PassStateEntered!", 17), ASL_EVENT_NONE);
    ck_assert_int_eq(asl_event_type_find("", 0), ASL_EVENT_NONE);
    ck_assert_int_eq(asl_event_type_find("passStateEntered", 16), ASL_EVENT_NONE);
}
END_TEST

START_TEST(some_numbers_are_stored_and_never_change)
{
    ck_assert_int_eq(ASL_EVENT_EXECUTION_STARTED, 13);
    ck_assert_int_eq(ASL_EVENT_TASK_SCHEDULED, 50);
    ck_assert_int_eq(ASL_EVENT_WAIT_STATE_EXITED, 62);
    ck_assert_int_eq(ASL_NOTE_WAITING, 64);
    ck_assert_int_eq(ASL_NOTE_CHILD_DONE, 66);
}
END_TEST

START_TEST(copies_share_values_and_lists_free_them)
{
    fault_heap heap;
    fault_heap_init(&heap);
    for (size_t nth = 1; fault_heap_sweep(&heap, nth, false); nth++) {
        asl_event_list list;
        asl_event_list_init(&list, &heap.hook);
        asl_event event = {.type = ASL_EVENT_PASS_STATE_ENTERED,
                           .name = asl_value_string(&heap.hook, "a state's name"),
                           .value = asl_value_array(&heap.hook)};
        bool has_memory = event.name != NULL && event.value != NULL;
        for (int i = 0; i < 40 && has_memory; i++) {
            asl_event copy;
            asl_event_copy(&copy, &event);
            ck_assert_ptr_eq(copy.name, event.name);
            has_memory = asl_event_list_append(&list, &copy) == ASL_OK;
            ck_assert_ptr_null(copy.name);
        }
        ck_assert(has_memory != fault_heap_failed(&heap));
        ck_assert(!has_memory || list.count == 40);
        asl_event_list_clear(&list);
        ck_assert_uint_eq(list.count, 0);
        asl_event_done(&event);
        asl_event_done(&event);
        asl_event_list_done(&list);
    }
}
END_TEST

SUITE("history/event", every_type_has_a_name_that_finds_it, notes_and_unknown_names_have_none,
      some_numbers_are_stored_and_never_change, copies_share_values_and_lists_free_them)
