/* Which addresses the HTTP handler may connect to. The question is asked of the address that is
 * about to be connected, never of a URL's text: names, octal and hexadecimal forms, and answers of
 * DNS that change between two questions all end here.
 *
 * Every address and network is 16 bytes: IPv4 stands as ::ffff:a.b.c.d, so one table and one
 * comparison serve both. */
#ifndef ASL_HTTP_ADDRESS_H
#define ASL_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

typedef struct asl_address {
    unsigned char bytes[16];
} asl_address;

typedef struct asl_network {
    asl_address address;
    unsigned bits; /* of the 16 bytes: an IPv4 prefix counts from 96 */
} asl_network;

#define ASL_ADDRESS_TEXT_SIZE 64

/* False for anything but IPv4 and IPv6. */
bool asl_address_read(const struct sockaddr *socket_address, size_t size, asl_address *ret_address);
/* As people write it: "127.0.0.1", "[::1]". */
void asl_address_print(const asl_address *address, char out[ASL_ADDRESS_TEXT_SIZE]);

/* "10.0.0.0/8", "fc00::/7", or one address without a slash. Bits behind the prefix are ignored;
 * false for anything else, other spellings of IPv4 included. */
bool asl_network_parse(const char *text, asl_network *ret_network);
bool asl_network_covers(const asl_network *network, const asl_address *address);

/* Why an address must not be connected ("a private address"; static), or NULL where it may be:
 * because it is public, or because one of the `allowed` networks covers it. */
const char *asl_address_refused(const asl_address *address, const asl_network *allowed,
                                size_t allowed_count);

#endif
