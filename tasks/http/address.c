/* The table of networks that are not the public Internet (IANA's special-purpose registries, RFC
 * 6890 and later), and the two IPv6 forms that carry an IPv4 address to which the same table
 * applies: ::ffff:0:0/96 is how IPv4 is written here anyway, and 64:ff9b::/96 (NAT64) is unwrapped.
 * IPv6 is public only inside 2000::/3. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V4(a, b, c, d) \
    { \
        { \
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d \
        } \
    }
#define V6(a, b, c, d, e, f) \
    { \
        { \
            a, b, c, d, e, f \
        } \
    }

static const struct refused_network {
    asl_network network;
    const char *why;
} refused_networks[] = {
    {{V4(0, 0, 0, 0), 104}, "an address of \"this\" network"},
    {{V4(10, 0, 0, 0), 104}, "a private address"},
    {{V4(100, 64, 0, 0), 106}, "a shared (carrier-grade NAT) address"},
    {{V4(127, 0, 0, 0), 104}, "a loopback address"},
    {{V4(169, 254, 0, 0), 112}, "a link-local address"},
    {{V4(172, 16, 0, 0), 108}, "a private address"},
    {{V4(192, 0, 0, 0), 120}, "an address for protocol assignments"},
    {{V4(192, 0, 2, 0), 120}, "an address for documentation"},
    {{V4(192, 88, 99, 0), 120}, "a 6to4 relay address"},
    {{V4(192, 168, 0, 0), 112}, "a private address"},
    {{V4(198, 18, 0, 0), 111}, "an address for benchmarks"},
    {{V4(198, 51, 100, 0), 120}, "an address for documentation"},
    {{V4(203, 0, 113, 0), 120}, "an address for documentation"},
    {{V4(224, 0, 0, 0), 100}, "a multicast address"},
    {{V4(240, 0, 0, 0), 100}, "a reserved address"},
    {{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, 128}, "a loopback address"},
    {{V6(0x20, 0x01, 0x00, 0x00, 0, 0), 32}, "a Teredo address"},
    {{V6(0x20, 0x01, 0x00, 0x10, 0, 0), 28}, "an ORCHID address"},
    {{V6(0x20, 0x01, 0x00, 0x20, 0, 0), 28}, "an ORCHID address"},
    {{V6(0x20, 0x01, 0x0D, 0xB8, 0, 0), 32}, "an address for documentation"},
    {{V6(0x20, 0x02, 0, 0, 0, 0), 16}, "a 6to4 address"},
    {{V6(0xFC, 0, 0, 0, 0, 0), 7}, "a unique local address"},
    {{V6(0xFE, 0x80, 0, 0, 0, 0), 10}, "a link-local address"},
    {{V6(0xFE, 0xC0, 0, 0, 0, 0), 10}, "a site-local address"},
    {{V6(0xFF, 0, 0, 0, 0, 0), 8}, "a multicast address"},
};

static const asl_network mapped = {V4(0, 0, 0, 0), 96};
static const asl_network nat64 = {{{0, 0x64, 0xFF, 0x9B}}, 96};

bool asl_address_read(const struct sockaddr *socket_address, size_t size, asl_address *ret_address)
{
    if (socket_address->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in v4;
        memcpy(&v4, socket_address, sizeof v4);
        *ret_address = mapped.address;
        memcpy(ret_address->bytes + 12, &v4.sin_addr, 4);
        return true;
    }
    if (socket_address->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 v6;
        memcpy(&v6, socket_address, sizeof v6);
        memcpy(ret_address->bytes, &v6.sin6_addr, 16);
        return true;
    }
    return false;
}

void asl_address_print(const asl_address *address, char out[ASL_ADDRESS_TEXT_SIZE])
{
    char text[INET6_ADDRSTRLEN] = "";
    if (asl_network_covers(&mapped, address)) {
        inet_ntop(AF_INET, address->bytes + 12, text, sizeof text);
        snprintf(out, ASL_ADDRESS_TEXT_SIZE, "%s", text);
    } else {
        inet_ntop(AF_INET6, address->bytes, text, sizeof text);
        snprintf(out, ASL_ADDRESS_TEXT_SIZE, "[%s]", text);
    }
}

/* Decimal without sign or leading zero, at most `most`. */
static bool parse_bits(const char *text, unsigned most, unsigned *ret_bits)
{
    size_t size = strlen(text);
    if (size == 0 || size > 3 || strspn(text, "0123456789") != size || (size > 1 && text[0] == '0'))
        return false;
    unsigned bits = (unsigned)strtoul(text, NULL, 10);
    if (bits > most)
        return false;
    *ret_bits = bits;
    return true;
}

bool asl_network_parse(const char *text, asl_network *ret_network)
{
    const char *slash = strchr(text, '/');
    size_t size = slash == NULL ? strlen(text) : (size_t)(slash - text);
    char host[INET6_ADDRSTRLEN];
    if (size >= sizeof host)
        return false;
    memcpy(host, text, size);
    host[size] = '\0';

    asl_network network = mapped;
    bool is_v4 = inet_pton(AF_INET, host, network.address.bytes + 12) == 1;
    if (!is_v4 && inet_pton(AF_INET6, host, network.address.bytes) != 1)
        return false;
    unsigned most = is_v4 ? 32 : 128;
    unsigned bits = most;
    if (slash != NULL && !parse_bits(slash + 1, most, &bits))
        return false;
    network.bits = is_v4 ? bits + 96 : bits;
    *ret_network = network;
    return true;
}

bool asl_network_covers(const asl_network *network, const asl_address *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    if (rest == 0)
        return true;
    unsigned mask = 0xFFu << (8 - rest) & 0xFFu;
    return ((network->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static bool is_allowed(const asl_address *address, const asl_network *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (asl_network_covers(&allowed[i], address))
            return true;
    }
    return false;
}

const char *asl_address_refused(const asl_address *address, const asl_network *allowed,
                                size_t allowed_count)
{
    asl_address inner = *address;
    if (asl_network_covers(&nat64, address)) {
        inner = mapped.address;
        memcpy(inner.bytes + 12, address->bytes + 12, 4);
    }
    if (is_allowed(address, allowed, allowed_count) || is_allowed(&inner, allowed, allowed_count))
        return NULL;
    for (size_t i = 0; i < sizeof refused_networks / sizeof refused_networks[0]; i++) {
        if (asl_network_covers(&refused_networks[i].network, &inner))
            return refused_networks[i].why;
    }
    if (!asl_network_covers(&mapped, &inner) && (inner.bytes[0] & 0xE0) != 0x20)
        return "not a public IPv6 address";
    return NULL;
}
