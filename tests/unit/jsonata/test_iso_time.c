/* ISO 8601 times; the outcomes are those of jsonata-js 2.0.6 on V8, where the local time is UTC. */
#include "jsonata/iso_time.h"

#include "check_pictures.h"

static double parse(const char *text, picture_call *call)
{
    asl_millis millis = {true, 0.5};
    picture_call_init(call, NULL);
    call->status = asl_jsonata_to_millis(picture_text(text), (asl_picture_text){NULL, 0}, 0,
                                         &millis, &call->fault);
    ck_assert(millis.is_found);
    return millis.millis;
}

START_TEST(iso_times_are_parsed)
{
    static const struct {
        const char *text;
        double expected;
    } cases[] = {
        {"2018", 1514764800000},
        {"2018-02", 1517443200000},
        {"2018-02-01", 1517443200000},
        {"2018-02-01T09:42:13", 1517478133000},
        {"2018-02-01T09:42:13Z", 1517478133000},
        {"2018-02-01T09:42:13.123+0000", 1517478133123},
        {"2018-02-01T09:42:13.1-05:30", 1517497933100},
        {"2018-02-01T09:42:13.123456789Z", 1517478133123},
        {"2018-02-01T09:42:13.00000012345678Z", 1517478133012},
        {"2018-02-31", 1520035200000},
        {"2018-13-01", NAN},
        {"2018-00-01", NAN},
        {"0001-01-01", -62135596800000},
        {"0099-01-01", -59042995200000},
        {"0012-13", 1008201600000},
        {"0031-01-39", NAN},
        {"2018-02-01-03", NAN},
        {"2018.5", 1525132800000},
        {"2018.5Z", 1525132800000},
        {"2018.5-01:30", 1525138200000},
        {"2018-13:05", 1514811900000},
        {"2018-01:05", 1515110400000},
        {"2018-24:00", 1514851200000},
        {"2018-24:01", NAN},
        {"2018-0012", 1543622400000},
        {"2018-0100", NAN},
        {"2018Z", 1514764800000},
        {"2018+01:00", NAN},
        {"2018-02-01T24:00:00Z", 1517529600000},
        {"2018-02-01T24:00:00.1Z", NAN},
        {"2018-02-01T25:00:00Z", NAN},
        {"2018T01:02:03", 1514768523000},
        {"2018-02-01T01:02:03T01:02:03", NAN},
        {"2018-02-01T01:02:03+24:00", NAN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        picture_call call;
        double millis = parse(cases[i].text, &call);
        ck_assert_msg(call.status == ASL_OK, "%s: %d", cases[i].text, call.status);
        ck_assert_msg(is_same(millis, cases[i].expected), "%s: %.17g", cases[i].text, millis);
        picture_call_done(&call);
    }
}
END_TEST

START_TEST(what_is_no_iso_time_is_quoted)
{
    static const char *const cases[] = {
        "0012-13-50",       "0012-13-49",  "foo", "01-02-2018", "2018-2-1",    "2018-02-01T9:00:00",
        "2018-02-01T09:42", "2018-02-01 ", "",    "2018-41",    "2018-02-01z", "٢٠١٨",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char quoted[64];
        picture_call call;
        parse(cases[i], &call);
        snprintf(quoted, sizeof quoted, "\"%s\"", cases[i]);
        check_fault(&call, "D3110", quoted, cases[i]);
    }
}
END_TEST

SUITE("jsonata/iso_time", iso_times_are_parsed, what_is_no_iso_time_is_quoted)
