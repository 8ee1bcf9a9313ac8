"""Which story is answered with which page? One for every template that is a page."""

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["STORIES"]

_WEB = "tests/workflows/web"
_WORDS = f"{_WEB}/test_words.py::test_a_latvian_page_has_no_english_words"
_APPLY = f"{_WEB}/test_apply.py::test_every_group_of_the_form_has_its_page"
_CHOICE = f"{_WEB}/test_a_third_kind.py::test_its_form_is_filled_in_and_sent_from_the_page_of_all_kinds_to_the_decision"
_REVIEW = f"{_WEB}/test_review.py"
_ENDING = f"{_WEB}/test_ending_by_application.py"
_ENDED = f"{_ENDING}::test_from_the_start_page_to_the_end_of_the_rights"
_FILLED_IN = f"{_WEB}/test_filled_in.py"
_TRACK = f"{_WEB}/test_track.py"
_ORDER = f"{_WEB}/test_order_form.py"
_RESET = "tests/workflows/password_reset"
_NEW_PASSWORD = f"{_RESET}/test_pages.py::test_from_forgetting_to_the_new_password_without_javascript"

STORIES: Final[Mapping[str, Sequence[str]]] = {
    "accessibility.html": [f"{_WORDS}[/accessibility]"],
    "apply_check.html": [_APPLY, _ENDED],
    "apply_choose.html": [_CHOICE, _ENDED],
    "apply_done.html": [_APPLY],
    "apply_mailbox.html": [f"{_FILLED_IN}::test_the_code_is_masked_until_the_mailbox_is_shown_to_be_theirs"],
    "apply_overview.html": [
        _APPLY,
        f"{_FILLED_IN}::test_the_code_is_masked_until_the_mailbox_is_shown_to_be_theirs",
    ],
    "apply_place.html": [_APPLY, f"{_WEB}/test_apply.py::test_nothing_found_says_what_to_do"],
    "apply_step.html": [
        _APPLY,
        f"{_ENDING}::test_only_some_sections_are_a_step_of_their_own",
        f"{_WEB}/test_apply.py::test_what_is_wrong_is_said_on_top_and_at_the_field_and_what_was_typed_stays",
    ],
    "closed.html": [
        f"{_WEB}/test_apply.py::test_an_incomplete_draft_cannot_be_submitted",
        f"{_FILLED_IN}::test_a_repealed_order_takes_the_application_back_and_its_page_says_why",
    ],
    "cookies.html": [f"{_WORDS}[/cookies]"],
    "correct_name.html": [
        f"{_WEB}/test_names.py::test_an_account_that_keycloak_refuses_is_a_task_with_a_way_to_mend_it"
    ],
    "end_right.html": [f"{_REVIEW}::test_a_right_is_ended_with_its_reason"],
    "end_right_sure.html": [
        f"{_WEB}/test_ending_rights.py::test_several_rights_end_with_one_confirmation_and_one_mail"
    ],
    "error.html": [
        f"{_WORDS}[/nowhere]",
        f"{_WEB}/test_guards.py::test_an_ordinary_form_may_not_be_large",
        f"{_WEB}/test_guards.py::test_a_form_without_a_token_is_refused",
        f"{_WEB}/test_dead_links.py::test_a_dead_link_to_a_draft_says_what_became_of_it_and_leads_on",
        f"{_WEB}/hostile/test_quotas.py::test_a_network_that_sent_too_much_is_told_how_much_and_until_when",
        f"{_WEB}/hostile/test_quotas.py::test_an_application_that_holds_too_much_says_so_and_keeps_what_it_has",
        f"{_WEB}/hostile/test_quotas.py::test_without_room_uploads_are_refused_politely_and_everything_else_goes_on",
    ],
    "grants.html": [
        f"{_WEB}/test_grants_of_a_place.py::test_a_school_shows_whose_rights_reach_it_from_the_municipality_and_the_state"
    ],
    "help.html": [f"{_WORDS}[/help]"],
    "institution.html": [f"{_WEB}/test_institutions.py::test_a_line_of_descent_is_a_picture_and_the_same_as_a_table"],
    "institutions.html": [f"{_WEB}/test_institutions.py::test_an_institution_is_found_and_says_what_it_is"],
    "login_again.html": [
        f"{_WEB}/identity/test_kept_forms.py::test_what_was_typed_before_the_login_expired_stands_in_the_form_after_signing_in"
    ],
    "login_failed.html": [f"{_WEB}/identity/test_signin.py::test_an_answer_nobody_asked_for_is_a_page_not_an_error"],
    "login_no_role.html": [f"{_WEB}/test_beginning.py::test_who_has_neither_role_nor_account_is_told_so"],
    "my_rights.html": [f"{_WEB}/test_beginning.py::test_the_holder_of_an_account_reads_what_they_hold_and_what_waits"],
    "order_change.html": [
        f"{_ORDER}::test_an_order_is_filled_in_change_by_change_and_says_what_a_file_would",
        f"{_ORDER}::test_what_is_missing_is_said_at_its_field_and_everything_stays",
    ],
    "order_form.html": [
        f"{_ORDER}::test_what_contradicts_the_register_or_an_order_is_said_by_the_number_of_the_change"
    ],
    "order_kind.html": [f"{_ORDER}::test_what_is_missing_is_said_at_its_field_and_everything_stays"],
    "people.html": [f"{_WEB}/test_people.py::test_people_are_found_without_their_code_standing_in_an_address"],
    "person.html": [f"{_REVIEW}::test_a_right_is_ended_with_its_reason"],
    "privacy.html": [f"{_WORDS}[/privacy]"],
    "proposal.html": [f"{_WEB}/test_proposals.py::test_two_people_give_the_rights_on_pages"],
    "proposals.html": [f"{_WEB}/test_proposals.py::test_two_people_give_the_rights_on_pages"],
    "reorganise.html": [
        f"{_WEB}/test_reorganise.py::test_everything_that_is_wrong_is_said_at_once_with_its_line_and_what_was_typed_stays"
    ],
    "reorganise_plan.html": [
        f"{_WEB}/test_reorganise.py::test_a_school_is_closed_by_two_people_and_opened_again",
        f"{_WEB}/test_reorganise.py::test_what_most_rights_end_in_is_drawn_and_what_is_left_with_nothing_is_named",
        f"{_WEB}/test_reorganise.py::test_an_order_that_is_proposed_leads_to_its_proposal_and_is_not_proposed_twice",
        f"{_WEB}/test_orders_in_the_way.py::test_a_job_that_fails_is_told_without_its_error_and_what_is_held_back_says_why",
        f"{_WEB}/test_orders_in_the_way.py::test_an_order_that_others_rest_on_is_repealed_with_them_on_the_page_it_names",
    ],
    "reorganise_undo.html": [
        f"{_WEB}/test_reorganise.py::test_what_undoing_brings_back_and_leaves_is_read_before_it_is_proposed_and_by_the_second_person"
    ],
    "reset.html": [_NEW_PASSWORD],
    "reset_dead.html": [_NEW_PASSWORD, f"{_RESET}/test_link_pages.py::test_dead_links_say_honestly_why"],
    "reset_done.html": [
        f"{_WEB}/test_beginning.py::test_after_a_new_password_people_are_led_to_their_rights_and_not_to_keycloak"
    ],
    "reset_link.html": [_NEW_PASSWORD],
    "reset_password.html": [_NEW_PASSWORD],
    "reset_sent.html": [_NEW_PASSWORD],
    "reset_staff.html": [
        f"{_RESET}/test_link_pages.py::test_staff_start_a_reset_and_see_what_became_of_it_but_no_link"
    ],
    "restoration.html": [f"{_WEB}/test_restoring.py::test_from_the_page_to_the_rights_by_two_people"],
    "restoration_refuse.html": [
        f"{_WEB}/test_restoring.py::test_a_refusal_is_confirmed_on_a_page_that_shows_what_the_user_reads"
    ],
    "restorations.html": [f"{_WEB}/test_restoring.py::test_from_the_page_to_the_rights_by_two_people"],
    "restore.html": [
        f"{_WEB}/test_restoring.py::test_what_is_missing_or_wrong_is_said_and_what_was_typed_stays",
        f"{_WEB}/test_restoring.py::test_from_the_page_to_the_rights_by_two_people",
    ],
    "restore_confirm.html": [
        f"{_WEB}/test_restoring.py::test_a_link_is_confirmed_by_a_person_who_ticks_and_by_no_program"
    ],
    "restore_confirmed.html": [f"{_WEB}/test_restoring.py::test_from_the_page_to_the_rights_by_two_people"],
    "restore_dead.html": [
        f"{_WEB}/test_restoring.py::test_a_link_is_confirmed_by_a_person_who_ticks_and_by_no_program"
    ],
    "restore_sent.html": [f"{_WEB}/test_restoring.py::test_from_the_page_to_the_rights_by_two_people"],
    "review_case.html": [
        _ENDED,
        f"{_ENDING}::test_a_case_that_would_end_nothing_says_so_and_is_not_approved",
        f"{_REVIEW}::test_approving_needs_the_signatory_and_then_gives_the_rights",
        f"{_REVIEW}::test_nothing_chosen_is_said_at_the_choice",
        f"{_WEB}/test_desk.py::test_every_tab_says_above_the_decision_what_the_signatures_say_and_what_is_missing",
        f"{_WEB}/test_desk.py::test_a_decision_is_told_everything_that_is_to_be_corrected_at_once",
        f"{_WEB}/test_texts_follow_today.py::test_the_case_and_the_followed_application_say_how_things_stand",
    ],
    "review_compare.html": [
        f"{_WEB}/test_compare.py::test_both_documents_stand_side_by_side_and_the_confirmation_is_bound_to_what_was_seen"
    ],
    "review_conflict.html": [f"{_REVIEW}::test_deciding_on_an_outdated_page_does_nothing_and_shows_what_happened"],
    "review_picture.html": [f"{_REVIEW}::test_pictures_of_our_forms_are_seen_by_every_role_and_record_nothing"],
    "review_refuse.html": [f"{_REVIEW}::test_a_refusal_is_confirmed_on_a_page_that_shows_what_the_applicants_read"],
    "review_queue.html": [
        f"{_ENDING}::test_it_stands_first_in_the_queue_says_what_it_is_and_is_the_next_one",
        f"{_WEB}/test_queue.py::test_the_queue_shows_tiles_filters_by_address_and_exports_what_is_filtered",
    ],
    "role.html": [f"{_WEB}/test_beginning.py::test_each_role_has_a_page_that_says_what_it_may_do"],
    "start.html": [f"{_WORDS}[/]"],
    "support.html": [f"{_WORDS}[/support]"],
    "track.html": [
        f"{_TRACK}::test_a_mailed_link_opens_the_application_and_leaves_the_address",
        f"{_TRACK}::test_each_cause_has_its_sentence_and_next_step",
        f"{_WEB}/test_answering.py::test_several_files_and_words_are_gathered_into_one_answer_on_the_page",
        f"{_WEB}/test_texts_follow_today.py::test_the_case_and_the_followed_application_say_how_things_stand",
    ],
    "track_ask.html": [f"{_WORDS}[/track]"],
    "track_locked.html": [f"{_TRACK}::test_without_a_link_nobody_learns_whether_the_number_exists"],
    "verify.html": [
        f"{_WORDS}[/verify]",
        f"{_WEB}/test_hostile_files.py::test_a_file_too_large_for_the_check_page_is_told_at_its_field",
    ],
    "verify_result.html": [f"{_TRACK}::test_a_document_dropped_for_a_look_is_judged_shown_and_forgotten"],
}
