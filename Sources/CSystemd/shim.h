// Of libsystemd: the notify protocol, native journal entries, and what the manager knows of our unit. sd_journal_send()
// takes a format string and variable arguments, which Swift cannot call; SD_JOURNAL_SUPPRESS_LOCATION keeps the macros
// out of the way.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
