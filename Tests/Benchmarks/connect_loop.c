// The least that a scan with connections costs: one epoll loop of non-blocking connects over an IPv4 prefix, no more.
//   connect_loop PREFIX PORT CONNECTIONS TIMEOUT_MS    prints each address that accepts
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 128, EVENTS = 512, SETTLED = -1 };

struct attempt {
  uint32_t address;
  int descriptor;
  uint64_t deadline;
};

static uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000ull + time.tv_nsec / 1000000;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

// An odd step with which each of so many is met once.
static uint64_t step_over(uint64_t count) {
  for (uint64_t step = 40503;; step += 2) {
    uint64_t a = step, b = count;
    while (b) {
      uint64_t rest = a % b;
      a = b, b = rest;
    }
    if (a == 1) return step;
  }
}

// A socket on its way to the address.
static int start(uint32_t address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  // A refusal may be there at once; epoll tells it like a later one.
  if (connect(descriptor, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS && errno != ECONNREFUSED)
    fail("connect");
  return descriptor;
}

static bool accepted(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0;
}

int main(int count_of_arguments, char **arguments) {
  char *slash = count_of_arguments == 5 ? strchr(arguments[1], '/') : NULL;
  struct in_addr base;
  if (!slash) return 64;
  *slash = 0;
  int length = atoi(slash + 1);
  if (!inet_aton(arguments[1], &base) || length < 8 || length > 30) return 64;
  uint32_t first = ntohl(base.s_addr) + 1, count = (1u << (32 - length)) - 2;
  int port = atoi(arguments[2]), most = atoi(arguments[3]), timeout = atoi(arguments[4]);

  // In the order in which they began, which is that of their deadlines.
  struct attempt *attempts = calloc(count, sizeof *attempts);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!attempts || epoll < 0) fail("start");
  uint32_t oldest = 0, next = 0;
  int in_flight = 0;
  uint64_t step = step_over(count);
  struct linger reset = {1, 0};

  while (oldest < count) {
    for (int begun = 0; begun < BATCH && next < count && in_flight < most; begun++, in_flight++) {
      uint32_t address = first + (uint32_t)(next * step % count);
      int descriptor = start(address, port);
      struct epoll_event event = {.events = EPOLLOUT, .data.u64 = next};
      if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
      attempts[next++] = (struct attempt){address, descriptor, now_ms() + timeout};
    }
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, next < count && in_flight < most ? 0 : 1);
    for (int i = 0; i < ready; i++) {
      struct attempt *attempt = &attempts[events[i].data.u64];
      if (accepted(attempt->descriptor)) {
        struct in_addr address = {htonl(attempt->address)};
        puts(inet_ntoa(address));
        setsockopt(attempt->descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      }
      close(attempt->descriptor);
      attempt->descriptor = SETTLED;
      in_flight--;
    }
    for (uint64_t now = now_ms(); oldest < next; oldest++) {
      if (attempts[oldest].descriptor == SETTLED) continue;
      if (attempts[oldest].deadline > now) break;
      close(attempts[oldest].descriptor);
      in_flight--;
    }
  }
  return 0;
}
