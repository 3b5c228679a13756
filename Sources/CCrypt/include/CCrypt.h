// What Swift cannot call well of crypt(3): its working memory is 32 KiB in one struct.
#ifndef CCRYPT_H
#define CCRYPT_H

/// Whether a password has this hash, of any kind that crypt(5) knows; takes as long as the hash says. 1 or 0, and -1
/// where that cannot be told: for want of memory, or as the hash is none.
int crypt_matches(const char *password, const char *hash);

#endif
