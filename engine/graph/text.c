/* Widths and lines. A line is filled up to its width and then broken where a word ends, or where a
 * small letter is followed by a capital one, since names are often written so. */
#include "graph/text.h"

#include <string.h>

#include "base/utf8.h"

#define ELLIPSIS "\xE2\x80\xA6"
#define ELLIPSIS_WIDTH 1000

/* Thousandths of the font's size, U+0020 to U+007E: the greater one of DejaVu Sans and Helvetica.
 */
static const uint16_t widths[] = {
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361,  318, 337, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 557, 1016, 685, 687, 723, 771, 667,
    611, 778, 752, 295, 500, 667, 558, 863, 749, 788, 667, 788, 723, 667,  611, 732, 685, 989, 686,
    667, 686, 391, 337, 391, 838, 557, 500, 613, 635, 550, 635, 616, 353,  635, 634, 278, 278, 580,
    278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592,  525, 637, 337, 637, 838,
};

/* Ranges of other code points; what is in none is as wide as most letters are at most. */
static const struct {
    uint32_t first, last;
    int width;
} ranges[] = {
    {0x00A0, 0x024F, 720},    {0x0300, 0x036F, 0},      {0x0483, 0x0489, 0},
    {0x0591, 0x05BD, 0},      {0x064B, 0x065F, 0},      {0x1100, 0x115F, 1050},
    {0x1AB0, 0x1AFF, 0},      {0x1DC0, 0x1DFF, 0},      {0x200B, 0x200F, 0},
    {0x2010, 0x2027, 1000},   {0x20D0, 0x20FF, 0},      {0x2190, 0x2BFF, 1050},
    {0x2E80, 0xA4CF, 1050},   {0xAC00, 0xD7A3, 1050},   {0xF900, 0xFAFF, 1050},
    {0xFE00, 0xFE0F, 0},      {0xFE20, 0xFE2F, 0},      {0xFE30, 0xFE6F, 1050},
    {0xFF00, 0xFF60, 1050},   {0xFFE0, 0xFFFD, 1050},   {0x1D400, 0x1D7FF, 1000},
    {0x1F000, 0x1FAFF, 1400}, {0x20000, 0x3FFFD, 1050},
};
#define OTHER_WIDTH 850

static int code_point_width(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7F)
        return widths[code_point - 0x20];
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code_point > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_in = low < sizeof ranges / sizeof *ranges && code_point >= ranges[low].first;
    return is_in ? ranges[low].width : OTHER_WIDTH;
}

bool asl_graph_text_is_control(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x2028 ||
           code_point == 0x2029 || code_point == 0xFEFF ||
           (code_point >= 0x200B && code_point <= 0x200F && code_point != 0x200D) ||
           (code_point >= 0x202A && code_point <= 0x202E) ||
           (code_point >= 0x2066 && code_point <= 0x2069) || (code_point & 0xFFFE) == 0xFFFE;
}

static int pixels(int64_t thousandths, int font)
{
    return (int)((thousandths * font + 999) / 1000);
}

int asl_graph_text_width(const char *text, size_t size, int font)
{
    int64_t sum = 0;
    for (const char *next = text, *end = text + size; next < end;)
        sum += code_point_width(asl_utf8_decode(&next, end));
    return pixels(sum, font);
}

static bool is_capital(uint32_t code_point)
{
    return code_point >= 'A' && code_point <= 'Z';
}

static bool is_small(uint32_t code_point)
{
    return (code_point >= 'a' && code_point <= 'z') || (code_point >= '0' && code_point <= '9');
}

static bool ends_word(uint32_t code_point)
{
    return code_point < 0x7F && strchr(" -_.:,;/|", (int)code_point) != NULL;
}

/* Visible characters alone: runs of blanks and controls become one blank, none at the ends. */
static void append_visible(asl_buffer *out, const char *text, size_t size)
{
    bool is_blank = false;
    for (const char *next = text, *end = text + size; next < end;) {
        const char *first = next;
        uint32_t code_point = asl_utf8_decode(&next, end);
        if (code_point == ' ' || asl_graph_text_is_control(code_point)) {
            is_blank = true;
            continue;
        }
        if (is_blank && out->size > 0)
            asl_buffer_byte(out, ' ');
        is_blank = false;
        asl_buffer_append(out, first, (size_t)(next - first));
    }
}

/* The bytes of a text that go on a line of so many thousandths; `by_words`: broken after a word
 * where one ends on the line. */
static size_t fill_line(const char *text, size_t size, int64_t room, bool by_words)
{
    int64_t sum = 0;
    size_t broken = 0;
    uint32_t before = 0;
    for (const char *next = text, *end = text + size; next < end;) {
        const char *first = next;
        uint32_t code_point = asl_utf8_decode(&next, end);
        int width = code_point_width(code_point);
        if (first > text && ((ends_word(before) && code_point != ' ') ||
                             (is_small(before) && is_capital(code_point))))
            broken = (size_t)(first - text);
        sum += width;
        /* A blank may stand past the end, and a mark stays with its letter. */
        if (sum > room && code_point != ' ' && width > 0 && first > text)
            return by_words && broken > 0 ? broken : (size_t)(first - text);
        before = code_point;
    }
    return size;
}

static void end_line(asl_buffer *out, size_t first, int font, asl_graph_lines *lines)
{
    while (out->size > first && out->bytes[out->size - 1] == ' ')
        out->size--;
    int width = asl_graph_text_width(out->bytes + first, out->size - first, font);
    lines->width = width > lines->width ? width : lines->width;
    lines->count++;
}

static void append_lines(asl_buffer *out, const char *text, size_t size, const asl_graph_fit *fit,
                         asl_graph_lines *lines)
{
    int64_t room = (int64_t)fit->width * 1000 / fit->font;
    while (size > 0 && out->status == ASL_OK) {
        size_t first = out->size, taken = fill_line(text, size, room, true);
        bool is_cut = lines->count + 1 == fit->count && taken < size;
        if (is_cut)
            taken = fill_line(text, size, room - ELLIPSIS_WIDTH, false);
        asl_buffer_append(out, text, taken);
        if (is_cut)
            asl_buffer_text(out, ELLIPSIS);
        if (out->status == ASL_OK)
            end_line(out, first, fit->font, lines);
        text += taken;
        size = is_cut ? 0 : size - taken;
        if (size > 0)
            asl_buffer_byte(out, '\n');
    }
}

int asl_graph_text_wrap(asl_arena *arena, const char *text, size_t size, const asl_graph_fit *fit,
                        asl_graph_lines *ret_lines)
{
    asl_graph_lines lines = {0};
    asl_buffer visible, out;
    asl_buffer_init(&visible, arena->heap);
    asl_buffer_init(&out, arena->heap);
    append_visible(&visible, text, size);
    if (visible.status == ASL_OK && visible.size > 0)
        append_lines(&out, visible.bytes, visible.size, fit, &lines);
    int status = visible.status != ASL_OK ? visible.status : out.status;
    if (status == ASL_OK && out.size > 0) {
        lines.text = asl_arena_copy(arena, out.bytes, out.size);
        status = lines.text != NULL ? ASL_OK : ASL_NOMEM;
    }
    asl_buffer_done(&visible);
    asl_buffer_done(&out);
    if (status == ASL_OK)
        *ret_lines = lines;
    return status;
}
