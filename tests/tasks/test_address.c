/* The address policy: what a URL's host resolves to decides, however it is spelled. */
#include "suite.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "http/address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The address of a numeric host, in any spelling that the system's resolver takes without asking
 * anybody: decimal, octal, hexadecimal, one to four fields, IPv6 forms. */
static asl_address resolve(const char *host)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
    ck_assert_msg(getaddrinfo(host, "80", &hints, &found) == 0, "%s does not resolve", host);
    asl_address address;
    ck_assert(asl_address_read(found->ai_addr, found->ai_addrlen, &address));
    freeaddrinfo(found);
    return address;
}

START_TEST(every_spelling_of_an_address_that_is_not_public_is_refused)
{
    static const struct {
        const char *host, *why;
    } cases[] = {
        {"127.0.0.1", "loopback"},
        {"127.255.255.254", "loopback"},
        {"127.1", "loopback"},
        {"127.0.1", "loopback"},
        {"0x7f.1", "loopback"},
        {"0x7f000001", "loopback"},
        {"0x7F.0x0.0x0.0x1", "loopback"},
        {"2130706433", "loopback"},
        {"017700000001", "loopback"},
        {"0177.0.0.1", "loopback"},
        {"0177.0.0.01", "loopback"},
        {"0177.1", "loopback"},
        {"::1", "loopback"},
        {"0:0:0:0:0:0:0:1", "loopback"},
        {"::ffff:127.0.0.1", "loopback"},
        {"::ffff:7f00:1", "loopback"},
        {"::FFFF:7F00:0001", "loopback"},
        {"64:ff9b::127.0.0.1", "loopback"},
        {"64:ff9b::7f00:1", "loopback"},
        {"0.0.0.0", "this"},
        {"0", "this"},
        {"0.1.2.3", "this"},
        {"::", "public"},
        {"::127.0.0.1", "public"},
        {"10.0.0.1", "private"},
        {"10.255.255.255", "private"},
        {"012.0.0.1", "private"},
        {"167772161", "private"},
        {"172.16.0.1", "private"},
        {"172.31.255.255", "private"},
        {"0xac100001", "private"},
        {"192.168.1.1", "private"},
        {"192.168.257", "private"},
        {"3232235777", "private"},
        {"0300.0250.1.1", "private"},
        {"::ffff:10.0.0.1", "private"},
        {"::ffff:c0a8:101", "private"},
        {"64:ff9b::10.0.0.1", "private"},
        {"64:ff9b::192.168.1.1", "private"},
        {"169.254.169.254", "link-local"},
        {"0xa9fea9fe", "link-local"},
        {"2852039166", "link-local"},
        {"0251.0376.0251.0376", "link-local"},
        {"169.254.43518", "link-local"},
        {"::ffff:169.254.169.254", "link-local"},
        {"64:ff9b::a9fe:a9fe", "link-local"},
        {"fe80::1", "link-local"},
        {"febf::1", "link-local"},
        {"fec0::1", "site-local"},
        {"fc00::1", "unique local"},
        {"fd00:ec2::254", "unique local"},
        {"100.64.0.1", "shared"},
        {"100.127.255.255", "shared"},
        {"1681915905", "shared"},
        {"224.0.0.1", "multicast"},
        {"239.255.255.250", "multicast"},
        {"ff02::1", "multicast"},
        {"240.0.0.1", "reserved"},
        {"255.255.255.255", "reserved"},
        {"192.0.0.170", "protocol"},
        {"192.0.2.1", "documentation"},
        {"198.51.100.1", "documentation"},
        {"203.0.113.1", "documentation"},
        {"2001:db8::1", "documentation"},
        {"198.18.0.1", "benchmark"},
        {"192.88.99.1", "6to4"},
        {"2002:7f00:1::", "6to4"},
        {"2002:a00:1::1", "6to4"},
        {"2001:0:7f00:1::", "Teredo"},
        {"2001:10::1", "ORCHID"},
        {"64:ff9b:1::1", "public"},
        {"100::1", "public"},
        {"4000::1", "public"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        asl_address address = resolve(cases[i].host);
        const char *why = asl_address_refused(&address, NULL, 0);
        ck_assert_msg(why != NULL, "%s would be connected", cases[i].host);
        ck_assert_msg(strstr(why, cases[i].why) != NULL, "%s is refused as %s", cases[i].host, why);
    }
}
END_TEST

START_TEST(public_addresses_are_not_refused)
{
    static const char *const hosts[] = {
        "1.1.1.1",         "8.8.8.8",          "9.255.255.255",   "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",      "126.255.255.255", "128.0.0.1",
        "169.253.255.255", "169.255.0.0",      "172.15.255.255",  "172.32.0.0",
        "192.167.255.255", "192.169.0.0",      "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "2606:4700::1",     "2a00:1450::1",    "3fff:ffff::1",
        "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8", "134744072",       "0x08080808",
    };
    for (size_t i = 0; i < COUNT(hosts); i++) {
        asl_address address = resolve(hosts[i]);
        const char *why = asl_address_refused(&address, NULL, 0);
        ck_assert_msg(why == NULL, "%s is refused as %s", hosts[i], why);
    }
}
END_TEST

START_TEST(an_allowed_network_covers_every_form_of_its_addresses_and_no_other)
{
    asl_network allowed[2];
    ck_assert(asl_network_parse("127.0.0.0/8", &allowed[0]));
    ck_assert(asl_network_parse("fd00::/8", &allowed[1]));
    static const struct {
        const char *host;
        bool is_allowed;
    } cases[] = {
        {"127.0.0.1", true},     {"0x7f.1", true},
        {"::ffff:7f00:1", true}, {"64:ff9b::7f00:1", true},
        {"fd00::1", true},       {"fdff:ffff::1", true},
        {"::1", false},          {"fc00::1", false},
        {"10.0.0.1", false},     {"169.254.169.254", false},
        {"128.0.0.1", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        asl_address address = resolve(cases[i].host);
        ck_assert_msg((asl_address_refused(&address, allowed, 2) == NULL) == cases[i].is_allowed,
                      "%s", cases[i].host);
    }
}
END_TEST

START_TEST(a_network_is_an_address_and_a_prefix)
{
    static const struct {
        const char *text;
        unsigned bits;
    } good[] = {
        {"10.0.0.0/8", 104},   {"10.1.2.3/8", 104}, {"127.0.0.1", 128},
        {"127.0.0.1/32", 128}, {"0.0.0.0/0", 96},   {"::1", 128},
        {"::/0", 0},           {"fc00::/7", 7},     {"::ffff:10.0.0.0/104", 104},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        asl_network network = {.bits = 999};
        ck_assert_msg(asl_network_parse(good[i].text, &network), "%s", good[i].text);
        ck_assert_uint_eq(network.bits, good[i].bits);
    }
    static const char *const bad[] = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0.0/8 ",
        " 10.0.0.0/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "0x0a000000/8",
        "10.0.0.0.0",
        "localhost",
        "fc00::/129",
        "fc00::/7/8",
        "[::1]",
        "fe80::1%lo",
        "10.0.0.0/8,127.0.0.0/8",
        "10.0.0.0/1000000000000",
        "1:2:3:4:5:6:7:8:9",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        asl_network network;
        ck_assert_msg(!asl_network_parse(bad[i], &network), "\"%s\" is taken", bad[i]);
    }
}
END_TEST

START_TEST(a_network_covers_up_to_its_last_bit)
{
    asl_network network;
    ck_assert(asl_network_parse("172.16.0.0/12", &network));
    asl_address inside = resolve("172.31.255.255"), outside = resolve("172.32.0.0");
    ck_assert(asl_network_covers(&network, &inside));
    ck_assert(!asl_network_covers(&network, &outside));
    ck_assert(asl_network_parse("::/0", &network));
    ck_assert(asl_network_covers(&network, &inside));
    ck_assert(asl_network_parse("0.0.0.0/0", &network));
    asl_address v6 = resolve("2606:4700::1");
    ck_assert(!asl_network_covers(&network, &v6));
    ck_assert(asl_network_covers(&network, &outside));
}
END_TEST

START_TEST(addresses_print_as_people_write_them)
{
    static const char *const cases[][2] = {
        {"127.1", "127.0.0.1"},
        {"::ffff:1.2.3.4", "1.2.3.4"},
        {"0:0::1", "[::1]"},
        {"FE80::A", "[fe80::a]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        asl_address address = resolve(cases[i][0]);
        char text[ASL_ADDRESS_TEXT_SIZE];
        asl_address_print(&address, text);
        ck_assert_str_eq(text, cases[i][1]);
    }
}
END_TEST

START_TEST(other_families_and_short_addresses_are_not_read)
{
    asl_address address;
    struct sockaddr other = {.sa_family = AF_UNIX};
    ck_assert(!asl_address_read(&other, sizeof other, &address));
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    ck_assert(!asl_address_read((const struct sockaddr *)&v6, sizeof v6 - 1, &address));
    ck_assert(asl_address_read((const struct sockaddr *)&v6, sizeof v6, &address));
}
END_TEST

SUITE("tasks/http/address", every_spelling_of_an_address_that_is_not_public_is_refused,
      public_addresses_are_not_refused,
      an_allowed_network_covers_every_form_of_its_addresses_and_no_other,
      a_network_is_an_address_and_a_prefix, a_network_covers_up_to_its_last_bit,
      addresses_print_as_people_write_them, other_families_and_short_addresses_are_not_read)
