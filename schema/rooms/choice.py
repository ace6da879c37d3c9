"""The registry of room vendors: a line for each."""

from .builtin import BuiltinSettings
from .jitsi import JitsiSettings
from .livekit import LiveKitSettings
from .nowhere import NoSettings
from .template import TemplateSettings
from .vendor import VendorSettings

VENDORS: dict[str, type[VendorSettings]] = {
    each.vendor: each
    for each in (
        NoSettings,
        BuiltinSettings,
        TemplateSettings,
        JitsiSettings,
        LiveKitSettings,
    )
}
