// epoll, eventfd and a peer's credentials for Swift: its Glibc module does not show them, and a second module that did would define half
// of the C library twice. So nothing of the system's headers is shown here.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>

/// A new epoll instance, or -1 with errno; closed on exec.
int epoll_new(void);

/// Watches for a descriptor to become readable, or writable; 0, or -1 with errno.
int epoll_watch_readable(int epoll, int descriptor, uint64_t tag);
int epoll_watch_writable(int epoll, int descriptor, uint64_t tag);

/// Stops watching a descriptor that stays open.
int epoll_forget(int epoll, int descriptor);

/// Waits for events and writes the tags of their descriptors, at most `capacity` of them and of EPOLL_MOST; the number
/// of tags, or -1 with errno. A timeout of -1 waits for ever.
#define EPOLL_MOST 512
int epoll_tags(int epoll, uint64_t *tags, int capacity, int timeout_milliseconds);

/// A new event counter that does not block, or -1 with errno; closed on exec.
int eventfd_new(void);

/// Adds one to the counter, or takes all that was added; nothing can go wrong that a caller could mend.
void eventfd_ring(int descriptor);
void eventfd_quiet(int descriptor);

/// The user at the other end of a connected Unix socket (SO_PEERCRED, unix(7)); 0, or -1 with errno.
int socket_peer_user(int descriptor, uint32_t *user);

#endif
