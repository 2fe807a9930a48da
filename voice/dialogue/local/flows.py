"""The flows as tables: for each wish, its steps in the order of the conversation.

Rules: pure. `advance` walks the table of the goal and gives the first reply a step
has to make. What is known already makes a step return None, so callers may say
things in any order, several at once, or take them back. A goal that is done makes
room for the next one in the queue.
"""

from dataclasses import replace

from voice.dialogue.local import book, change, inquire, outbound, step_up
from voice.dialogue.local.turn import Plan, Step, Turn
from voice.gate import Flow

FLOWS: dict[str, tuple[Step, ...]] = {
    "": (inquire.how_can_i_help,),
    "book": (
        book.what_it_needs,
        book.whether_known,
        book.who_is_calling,
        book.unknown_after_all,
        book.which_car,
        book.already_booked,
        book.name_of_newcomer,
        book.car_of_caller,
        book.which_day,
        book.look_for_openings,
        book.nothing_free,
        book.which_opening,
        book.drop_or_wait,
        book.ride_from_here,
        book.number_of_newcomer,
        book.read_back_booking,
    ),
    "booked": (book.reminders_allowed, book.birth_date, inquire.anything_else),
    "move": (
        change.prove_fully,
        change.visit_at_all,
        change.which_visit,
        change.under_way,
        book.which_day,
        book.look_for_openings,
        book.nothing_free,
        book.which_opening,
        change.read_back_move,
    ),
    "cancel": (
        change.prove_fully,
        change.visit_at_all,
        change.which_visit,
        change.under_way,
        change.read_back_cancel,
    ),
    "change": (
        change.prove_fully,
        change.visit_at_all,
        change.which_visit,
        change.under_way,
        change.move_or_cancel,
    ),
    "confirm": (
        change.prove_fully,
        change.visit_at_all,
        change.which_visit,
        change.confirm_visit,
    ),
    "find": (change.prove_fully, change.visit_at_all, change.tell_visits),
    "status": (change.prove_fully, inquire.look_up_status),
    "history": (change.prove_fully, inquire.car_of_history, inquire.look_up_history),
    "price": (inquire.price_of_what, inquire.look_up_price),
    "info": (inquire.topic_at_all, inquire.look_up_topic),
    "duration": (inquire.time_of_what, inquire.tell_duration),
    "unanswered": (inquire.call_back_sure,),
    "message": (inquire.what_message, inquire.number_for_message, inquire.leave_message),
    "department": (inquire.other_department,),
    "change_phone": (
        change.prove_fully,
        step_up.by_code,
        step_up.which_number,
        step_up.read_back_number,
    ),
    "add_contact": (
        change.prove_fully,
        step_up.by_code,
        step_up.whose_name,
        step_up.read_back_contact,
    ),
    "text_history": (change.prove_fully, step_up.by_code, step_up.text_history),
    "details": (step_up.for_a_person,),
    "recall": (inquire.recall_first,),
    "waitlist": (
        book.whether_known,
        book.who_is_calling,
        inquire.what_to_wait_for,
        book.what_it_needs,
        inquire.waitlist,
    ),
    "person": (inquire.which_person, inquire.connect),
    "more": (inquire.anything_else,),
    "remind": (outbound.right_party, outbound.light_check, outbound.remind),
    "follow_up": (
        outbound.right_party,
        outbound.how_was_it,
        outbound.what_happened,
        outbound.keep_feedback,
        outbound.say_goodbye,
    ),
    "leave": (outbound.say_goodbye,),
}
"""Every wish and its steps. "booked" is what follows a first booking."""

LONGEST_WALK = 40
"""Steps of one reply; a table that needs more goes in circles."""

FLOW_OF_GOAL = {
    "move": Flow.CHANGE_VISIT,
    "cancel": Flow.CHANGE_VISIT,
    "change": Flow.CHANGE_VISIT,
    "confirm": Flow.CHANGE_VISIT,
    "find": Flow.CHANGE_VISIT,
    "status": Flow.EXISTING_CUSTOMER,
    "history": Flow.EXISTING_CUSTOMER,
    "change_phone": Flow.EXISTING_CUSTOMER,
    "add_contact": Flow.EXISTING_CUSTOMER,
    "text_history": Flow.EXISTING_CUSTOMER,
}


def advance(turn: Turn) -> Plan:
    """The first reply that a step of the goal has to make."""
    for _ in range(LONGEST_WALK):
        result = _next_step(in_flow(turn))
        if isinstance(result, Plan):
            return result.after(turn.lead)
        turn = result
    raise RuntimeError("a flow does not come to rest")  # a bug in the table


def _next_step(turn: Turn) -> Plan | Turn:
    if turn.finished:
        return finish_goal(turn)
    for step in FLOWS[turn.talk.goal]:
        result = step(turn)
        if result is not None and result is not turn:
            return result
    return finish_goal(turn)


def finish_goal(turn: Turn) -> Turn:
    """The goal is done: the next of the queue, else whether there is anything else."""
    turn = replace(turn, finished=False)
    queue = turn.talk.queue
    if queue:
        return turn.at(goal=queue[0], queue=queue[1:], asked="", tries=0)
    if turn.context.direction == "outbound":
        return turn.at(goal="leave", asked="")
    if turn.context.customer_is_new and turn.talk.goal == "book":
        return turn.at(goal="booked", asked="")
    return turn.at(goal="more", asked="", tries=0)


def in_flow(turn: Turn) -> Turn:
    """The call's flow follows its goal; an outbound call stays what it is."""
    if turn.context.direction == "outbound":
        return turn
    flow = FLOW_OF_GOAL.get(turn.talk.goal)
    if turn.talk.goal == "book":
        known = turn.talk.known or turn.context.customer_id
        flow = Flow.EXISTING_CUSTOMER if known else Flow.NEW_CUSTOMER
    if flow is None or flow is turn.context.flow:
        return turn
    return replace(turn, context=replace(turn.context, flow=flow))
