// Of libsystemd: the notify protocol and native journal entries. sd_journal_send() takes a format string and
// variable arguments, which Swift cannot call; SD_JOURNAL_SUPPRESS_LOCATION keeps the macros out of the way.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
