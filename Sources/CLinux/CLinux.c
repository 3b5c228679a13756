#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

int epoll_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int watch(int epoll, int descriptor, uint32_t events, uint64_t tag) {
  struct epoll_event event = {.events = events, .data = {.u64 = tag}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int epoll_watch_readable(int epoll, int descriptor, uint64_t tag) { return watch(epoll, descriptor, EPOLLIN, tag); }

int epoll_watch_writable(int epoll, int descriptor, uint64_t tag) { return watch(epoll, descriptor, EPOLLOUT, tag); }

int epoll_forget(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int epoll_tags(int epoll, uint64_t *tags, int capacity, int timeout_milliseconds) {
  struct epoll_event events[EPOLL_MOST];
  int most = capacity < EPOLL_MOST ? capacity : EPOLL_MOST;
  int count = epoll_wait(epoll, events, most, timeout_milliseconds);
  for (int index = 0; index < count; index++) tags[index] = events[index].data.u64;
  return count;
}

int eventfd_new(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void eventfd_ring(int descriptor) { (void)eventfd_write(descriptor, 1); }

void eventfd_quiet(int descriptor) {
  eventfd_t count;
  (void)eventfd_read(descriptor, &count);
}

int path_open(int directory, const char *name, int follows_link) {
  int flags = O_PATH | O_CLOEXEC | (follows_link ? 0 : O_NOFOLLOW);
  // Without O_DIRECTORY what autofs is to mount would not be mounted (open(2)).
  int descriptor = openat(directory, name, flags | O_DIRECTORY);
  return descriptor >= 0 || errno != ENOTDIR ? descriptor : openat(directory, name, flags);
}

int path_is_of_procfs(int descriptor) {
  struct statfs system;
  return fstatfs(descriptor, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

int socket_peer_user(int descriptor, uint32_t *user) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
  *user = peer.uid;
  return 0;
}

/// Lets TCP segments with ACK, and with SYN or RST, through to one port; `at` is where the TCP header begins: behind the IPv4
/// header (X), or at once. A filter is a program of at most 4,096 steps that the kernel runs for each packet (bpf(4)).
static int let_answers_through(int socket, int is_ipv6, uint16_t port) {
  uint16_t at = is_ipv6 ? BPF_ABS : BPF_IND;
  struct sock_filter steps[] = {
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_H | at, 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 4),
      BPF_STMT(BPF_LD | BPF_B | at, 13),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x10, 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02 | 0x04, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, RAW_PACKET_MOST),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {.len = sizeof steps / sizeof *steps, .filter = steps};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int raw_tcp_new(int is_ipv6, uint16_t port) {
  int descriptor = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0) return -1;
  int checksum_at = 16, room = RAW_RECEIVE_ROOM;
  int status = let_answers_through(descriptor, is_ipv6, port);
  if (status == 0 && is_ipv6)
    status = setsockopt(descriptor, IPPROTO_IPV6, IPV6_CHECKSUM, &checksum_at, sizeof checksum_at);
  if (status != 0) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  // The first needs CAP_NET_ADMIN, the second goes as far as net.core.rmem_max.
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  return descriptor;
}

int raw_tcp_send(int socket, int is_ipv6, const uint8_t *records, int count) {
  struct mmsghdr messages[RAW_BATCH];
  struct iovec parts[RAW_BATCH];
  struct sockaddr_in6 addresses[RAW_BATCH];
  union {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
  } notes[RAW_BATCH];
  if (count > RAW_BATCH) count = RAW_BATCH;
  memset(messages, 0, sizeof messages);
  memset(addresses, 0, sizeof addresses);
  memset(notes, 0, sizeof notes);
  for (int index = 0; index < count; index++) {
    const uint8_t *record = records + (size_t)index * RAW_SEGMENT_RECORD;
    socklen_t length = is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (is_ipv6) {
      addresses[index].sin6_family = AF_INET6;
      memcpy(&addresses[index].sin6_addr, record, 16);
    } else {
      struct sockaddr_in address = {.sin_family = AF_INET};
      memcpy(&address.sin_addr, record, 4);
      memcpy(&addresses[index], &address, sizeof address);
    }
    parts[index] = (struct iovec){.iov_base = (void *)(record + 16), .iov_len = RAW_SEGMENT_RECORD - 16};
    messages[index].msg_hdr = (struct msghdr){
        .msg_name = &addresses[index], .msg_namelen = length, .msg_iov = &parts[index], .msg_iovlen = 1};
    if (!is_ipv6) {
      struct in_pktinfo source = {0};
      memcpy(&source.ipi_spec_dst, record + 4, 4);
      notes[index].header = (struct cmsghdr){
          .cmsg_len = CMSG_LEN(sizeof source), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
      memcpy(CMSG_DATA(&notes[index].header), &source, sizeof source);
      messages[index].msg_hdr.msg_control = notes[index].bytes;
      messages[index].msg_hdr.msg_controllen = sizeof notes[index].bytes;
    }
  }
  return sendmmsg(socket, messages, (unsigned)count, 0);
}

int raw_tcp_receive(int socket, int is_ipv6, uint8_t *records) {
  struct mmsghdr messages[RAW_BATCH];
  struct iovec parts[RAW_BATCH];
  struct sockaddr_in6 addresses[RAW_BATCH];
  memset(messages, 0, sizeof messages);
  for (int index = 0; index < RAW_BATCH; index++) {
    parts[index] = (struct iovec){
        .iov_base = records + (size_t)index * RAW_PACKET_RECORD + 17, .iov_len = RAW_PACKET_MOST};
    messages[index].msg_hdr = (struct msghdr){.msg_name = &addresses[index],
                                              .msg_namelen = sizeof addresses[index],
                                              .msg_iov = &parts[index],
                                              .msg_iovlen = 1};
  }
  int count = recvmmsg(socket, messages, RAW_BATCH, MSG_DONTWAIT, NULL);
  for (int index = 0; index < count; index++) {
    uint8_t *record = records + (size_t)index * RAW_PACKET_RECORD;
    memset(record, 0, 16);
    if (is_ipv6) {
      memcpy(record, &addresses[index].sin6_addr, 16);
    } else {
      struct sockaddr_in address;
      memcpy(&address, &addresses[index], sizeof address);
      memcpy(record, &address.sin_addr, 4);
    }
    record[16] = (uint8_t)(messages[index].msg_len > RAW_PACKET_MOST ? RAW_PACKET_MOST : messages[index].msg_len);
  }
  return count;
}

int heap_be_small(void) { return mallopt(M_ARENA_MAX, 1) && mallopt(M_MMAP_THRESHOLD, 128 << 10) ? 0 : -1; }

void heap_give_back(void) { (void)malloc_trim(0); }
