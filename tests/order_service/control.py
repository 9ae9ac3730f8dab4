#!/usr/bin/python3
"""The tests of mail find what they look for: they pass with a service without defects, and each
defect of one is found by the test that is named beside it.

usage: control.py LATER [DEFECT]...     all of them where none is named; "" is none

LATER is what run_mail.py needs.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import need_mail_server

HERE = pathlib.Path(__file__).resolve().parent
HANG_S = 280
AT_ONCE = 4

# A defect, and the test that finds it.
CASES = (
    ("", "Secrets.test_starttls Mails Failures.test_greylisted_mails_come_later"),
    ("links-live-on",
     "Subscriptions.test_link_that_confirms_ends_after_a_day_and_the_one_that_ends_never_does"),
    ("ends-end",
     "Subscriptions.test_link_that_confirms_ends_after_a_day_and_the_one_that_ends_never_does"),
    ("floods", "Subscriptions.test_asking_again_brings_no_second_mail_soon"),
    ("hosts-with-letters", "Subscriptions.test_letters_of_a_host_are_all_the_same"),
    ("get-acts", "Subscriptions.test_link_confirms_when_its_button_is_pressed_and_not_before"),
    ("confirms-twice", "Subscriptions.test_confirming_twice_is_one_subscription"),
    ("tells-who", "Subscriptions.test_answer_tells_nobody_who_is_subscribed"),
    ("links-unsigned", "Subscriptions.test_forged_links_are_refused"),
    ("links-cut", "Subscriptions.test_forged_links_are_refused"),
    ("links-serve-all", "Subscriptions.test_link_of_one_kind_does_not_serve_as_the_other"),
    ("no-one-click", "Subscriptions.test_one_click_ends_it"),
    ("no-list-unsubscribe", "Subscriptions.test_one_click_ends_it"),
    ("addresses-unchecked", "Subscriptions.test_addresses_that_are_none_are_refused"),
    ("addresses-by-dollar", "Subscriptions.test_addresses_that_are_none_are_refused"),
    ("addresses-too-narrow", "Subscriptions.test_addresses_that_look_odd_are_taken"),
    ("any-origin", "Subscriptions.test_pages_of_other_sites_subscribe_nobody"),
    ("any-type", "Subscriptions.test_pages_of_other_sites_subscribe_nobody"),
    ("no-headers", "Subscriptions.test_pages_show_nothing_that_a_link_brings_along"),
    ("no-date", "Mails.test_confirmation_mail"),
    ("no-message-id", "Mails.test_confirmation_mail"),
    ("no-auto-submitted", "Mails.test_confirmation_mail"),
    ("bare-line-feeds", "Mails.test_confirmation_mail"),
    ("8-bit-subject", "Mails.test_confirmation_mail"),
    ("no-reason", "Mails.test_outcomes_are_told_once_with_their_reasons"),
    ("shows-token", "Mails.test_outcomes_are_told_once_with_their_reasons"),
    ("twice", "Mails.test_outcomes_are_told_once_with_their_reasons"),
    ("all-in-one-mail", "Failures.test_connection_that_breaks_in_the_middle"),
    ("tells-pending", "Mails.test_order_that_goes_on_is_not_told"),
    ("no-text", "Mails.test_names_of_orders_arrive_as_they_are"),
    ("names-with-line-ends", "Mails.test_names_with_line_ends_are_refused"),
    ("no-public-url", "Mails.test_confirmation_mail"),
    ("logs-links", "Mails.test_links_are_secrets_of_their_mails"),
    ("tries-the-refused",
     "Failures.test_recipient_that_is_refused_is_given_up_and_the_others_are_not"),
    ("gives-up-greylisted", "Failures.test_greylisted_mails_come_later"),
    ("one-holds-up-all", "Failures.test_greylisting_of_one_does_not_hold_the_others_up"),
    ("no-back-off", "Failures.test_tries_come_farther_and_farther_apart"),
    ("gives-up-broken", "Failures.test_connection_that_breaks_in_the_middle"),
    ("new-ids",
     "Failures.test_mail_that_was_taken_without_an_answer_is_the_same_mail_when_it_comes_again"),
    ("sends-in-the-loop", "Failures.test_slow_server_holds_up_nobody_else"),
    ("lost-by-death", "Failures.test_mails_that_wait_survive_the_death_of_the_service"),
    ("forgets", "Failures.test_links_and_subscriptions_survive_a_restart"),
    ("mails-the-unsubscribed", "Failures.test_who_unsubscribes_while_mails_wait_gets_none_of_them"),
    ("stalls-paused", "Failures.test_mails_go_on_when_none_is_left_of_those_that_waited"),
    ("lost-by-death", "Failures.test_deaths_at_any_moment_lose_no_mail_and_change_none"),
    ("cancels-in-silence", "Mails.test_cancelled_order_is_told"),
    ("two-slashes", "Mails.test_public_url_may_have_a_path_and_end_with_a_slash"),
    ("stalls", "Failures.test_many_mails_for_who_has_unsubscribed_hold_up_nobody"),
    ("falls-back", "Secrets.test_server_without_starttls_gets_nothing"),
    ("trusts-anybody", "Secrets.test_certificate_of_nobody_or_of_another_host_gets_nothing"),
    ("password-in-log", "Secrets.test_password_from_a_file"),
    ("password-in-data", "Secrets.test_password_from_the_environment"),
    ("secrets-for-all", "Secrets.test_files_of_secrets_that_are_not_right_are_refused"),
)


def run(later, case):
    """What is wrong, or None."""
    defect, tests = case
    result = subprocess.run(
        [sys.executable, HERE / "run_mail.py", HERE / "standin.py", later, *tests.split()],
        env=dict(os.environ, STANDIN_DEFECT=defect), capture_output=True, text=True, timeout=HANG_S)
    was_found = "\nFAILED (failures=" in result.stderr  # an assertion's, not an accident
    passed = result.returncode == 0 and "\nOK\n" in result.stderr
    if passed if defect == "" else was_found:
        return None
    return "%s: %s\n%s" % (defect or "no defect", "found" if defect == "" else "not found",
                           result.stderr[-3000:])


def main(arguments):
    need_mail_server()
    later, *defects = arguments
    cases = [case for case in CASES if not defects or case[0] in defects]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        problems = list(filter(None, pool.map(run, [later] * len(cases), cases)))
    for problem in problems:
        print(problem)
    print("control: looked at %d defects, %d problems" % (len(cases), len(problems)))
    return 1 if problems or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
