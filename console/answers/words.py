"""What the pages about answering say, marked for translation."""

from __future__ import annotations

from console.answers.standing import Standing
from console.language import N_

SOMEBODY = N_("Somebody on the spot")

STANDINGS: dict[Standing, str] = {
    Standing.OPEN: N_("Nobody has taken it yet."),
    Standing.MORE: N_("%(name)s has it since %(time)s. One more person is needed."),
    Standing.MINE: N_("You have it since %(time)s. Thank you."),
    Standing.TAKEN: N_("%(name)s has it since %(time)s."),
    Standing.OVER: N_("This alarm is over."),
    Standing.UNKNOWN: N_("It is not certain how it stands: the console is still being connected."),
}

REFUSALS: dict[str, str] = {
    "wrong_token": N_("This link is not valid. Copy it whole, or open the newest message."),
    "expired_token": N_("This link is too old. Open the newest message."),
    "used_token": N_("You answered with this link before, and the alarm has come back since. Open the newest message."),
    "too_often": N_("Too many tries. Wait a minute."),
    "no_answer": N_("The alarm service did not answer. Press again; the same answer is never counted twice."),
    "not_saved": N_("It could not be saved. Try again in a minute."),
    "gone_channel": N_("This channel is not on the list any more."),
}

TESTS: dict[str, str] = {
    "sent": N_("A test message is on its way. Answer it where it arrives; only then does this channel count."),
    "no_public_url": N_("Nobody could answer: the address by which phones reach this console (public_url) is not set."),
    "unknown_channel": N_("The alarm service does not know this channel yet. Try again in a moment."),
    "not_sent": N_("The provider did not take the message."),
    "no_answer": N_("The alarm service did not answer. Try again."),
    "too_often": N_("Too many tests of this person's channels. Wait a few minutes."),
    "removed": N_("Removed."),
}

CHANNELS: dict[str, str] = {
    "web_push": N_("This console's app on a phone or computer"),
    "apprise": N_("Message service (Apprise address)"),
    "webhook": N_("Webhook"),
    "voice": N_("Telephone call"),
    "mqtt": N_("MQTT topic"),
}

ADDRESS_FAULTS: dict[str, str] = {
    "apprise": N_("An Apprise address begins with the service: wecombot://…, dingtalk://…, mailto://…"),
    "webhook": N_("A webhook's address begins with https:// (or http:// inside your own network)."),
    "voice": N_("A telephone number has 2 to 20 digits, and + in front of a country code."),
    "mqtt": N_("One level of a topic: letters, digits, . _ - only."),
}
