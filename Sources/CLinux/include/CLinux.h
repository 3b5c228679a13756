// epoll, eventfd, paths, raw sockets, a peer's credentials and the bounds of the heap for Swift: its Glibc module does not show them,
// and a second module that did would define half of the C library twice. So nothing of the system's headers is shown here.
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

/// Names what `name` is in a directory, without opening it (O_PATH, open(2)): a symbolic link itself, or what it leads to
/// if `follows_link`; or -1 with errno. Closed on exec.
int path_open(int directory, const char *name, int follows_link);

/// Whether a descriptor is of procfs, whose links may lead to what has no name (proc_pid_fd(5)).
int path_is_of_procfs(int descriptor);

/// The user at the other end of a connected Unix socket (SO_PEERCRED, unix(7)); 0, or -1 with errno.
int socket_peer_user(int descriptor, uint32_t *user);

// Raw TCP (raw(7), ipv6(7)): the kernel routes and adds the IP header; needs CAP_NET_RAW.

/// A raw socket that does not block and hears nothing but answers (SYN+ACK, RST+ACK) to `port`, or -1 with errno; closed on
/// exec. For IPv6 the kernel fills in the segments' checksums.
#define RAW_RECEIVE_ROOM (4 << 20)
int raw_tcp_new(int is_ipv6, uint16_t port);

/// Sends at most RAW_BATCH segments by one call. A record is an address of 16 bytes and a segment; for IPv4 the address takes
/// the first four, and the next four are the address to send it from (ip(7), IP_PKTINFO), which the segment's checksum is
/// about: EINVAL where this machine does not have it any more. The number sent, or -1 with errno, which is then that of the
/// first record.
#define RAW_BATCH 64
#define RAW_SEGMENT_RECORD 40
int raw_tcp_send(int socket, int is_ipv6, const uint8_t *records, int count);

/// Takes what has come, at most RAW_BATCH packets: a record is the sender's address, the length and so many bytes: of the
/// IPv4 header and the segment, or of the segment alone for IPv6. The number of packets, or -1 with errno.
#define RAW_PACKET_MOST 80
#define RAW_PACKET_RECORD 97
int raw_tcp_receive(int socket, int is_ipv6, uint8_t *records);

/// All threads share one heap, and each block of 128 KiB or more has pages of its own, which go back to the system when it
/// is freed: the default, but without this glibc raises it to what was freed last (mallopt(3)). Before there are threads;
/// 0, or -1.
int heap_be_small(void);

/// Gives the system all pages back in which nothing is allocated (malloc_trim(3)).
void heap_give_back(void);

#endif
