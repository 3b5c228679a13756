#define _GNU_SOURCE
#include "CCrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

// Takes as long for any difference between texts of one length.
static int equal(const char *left, const char *right) {
  size_t length = strlen(left);
  if (strlen(right) != length) return 0;
  int difference = 0;
  for (size_t index = 0; index < length; index++) difference |= left[index] ^ right[index];
  return difference == 0;
}

int crypt_matches(const char *password, const char *hash) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (!data) return -1;
  const char *made = crypt_r(password, hash, data);
  // What begins with an asterisk says that it failed (crypt(3)).
  int result = !made || made[0] == '*' ? -1 : equal(made, hash);
  explicit_bzero(data, sizeof *data);
  free(data);
  return result;
}
