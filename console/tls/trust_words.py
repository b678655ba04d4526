"""How each system is told to trust an authority, step by step, marked for translation."""

from __future__ import annotations

from dataclasses import dataclass

from console.language import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A kind of phone or computer; ``marks`` are words of its browsers' names for themselves."""

    key: str
    title: str
    marks: tuple[str, ...]
    steps: tuple[str, ...]


SYSTEMS = (
    System(
        key="ios",
        title="iPhone · iPad",
        marks=("iphone", "ipad", "ipod"),
        steps=(
            N_("Open this page in Safari: other apps cannot install it. In WeChat, press ··· and open it in Safari."),
            N_("Press the button above, then Allow. The phone says that a profile was downloaded."),
            N_("Settings › General › VPN & Device Management: open the profile Anxin, compare under More Details."),
            N_("Press Install, type the phone's passcode, press Install again."),
            N_("Settings › General › About › Certificate Trust Settings: switch Anxin on. Only then it is trusted."),
            N_("Open the console below in Safari. For alarms, add it to the home screen and open it from there."),
        ),
    ),
    System(
        key="android",
        title="Android · HarmonyOS 鸿蒙",
        marks=("android", "harmony"),
        steps=(
            N_("Open this page in Chrome or Edge, not inside WeChat. Press the button above: a file is saved."),
            N_("Open Settings and search for “CA certificate”. It stands under Security › Encryption & credentials."),
            N_("Choose Install a certificate › CA certificate › Install anyway, and choose the file anxin.crt."),
            N_("The phone may ask for a screen lock: it wants one before it trusts an authority."),
            N_("Compare under Trusted credentials › User › Anxin. Then open the console below in Chrome or Edge."),
        ),
    ),
    System(
        key="windows",
        title="Windows",
        marks=("windows",),
        steps=(
            N_("Press the button above: the file is saved. Compare: certutil -dump anxin.crt shows “sha256”."),
            N_("Open it: Install Certificate › Current User › Place all certificates in the following store › Browse."),
            N_("Choose Trusted Root Certification Authorities, then Finish, and Yes. Start the browser anew."),
        ),
    ),
    System(
        key="mac",
        title="macOS",
        marks=("macintosh", "mac os"),
        steps=(
            N_("Press the button above and open the file: Keychain Access adds it to the keychain login."),
            N_("Double-click Anxin in the list and compare at the end of its details."),
            N_("Open Trust, choose Always Trust for “When using this certificate”, close it, type your password."),
        ),
    ),
    System(
        key="linux",
        title="Linux · Firefox · Chromium",
        marks=("linux", "x11"),
        steps=(
            N_("Press the button above, then compare: openssl x509 -in anxin.crt -noout -sha256 -fingerprint"),
            N_("Chromium, Chrome: Settings › Privacy and security › Security › Manage certificates › Import."),
            N_("Firefox: Settings › Privacy & Security › View Certificates › Authorities › Import; for websites."),
            N_("Other programs: sudo cp anxin.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates"),
        ),
    ),
)


def system_of(user_agent: str) -> str:
    """The key of the system that a browser says it runs on; empty when it is none of them."""
    words = user_agent.lower()
    return next((system.key for system in SYSTEMS if any(mark in words for mark in system.marks)), "")
