"""The registry of room vendors: a line for each."""

from .jitsi import JitsiSettings
from .livekit import LiveKitSettings
from .nowhere import NoSettings
from .template import TemplateSettings
from .vendor import VendorSettings

VENDORS: dict[str, type[VendorSettings]] = {
    each.vendor: each
    for each in (
        NoSettings,
        TemplateSettings,
        JitsiSettings,
        LiveKitSettings,
    )
}
