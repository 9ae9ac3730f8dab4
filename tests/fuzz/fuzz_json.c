/* Any bytes as JSON. What is accepted prints, compactly, indented and as kept text, and each of
 * them parses again to an equal value; what is refused has a place, and a reason is found for it
 * exactly where the tokenizer refused. The parser of documents agrees, and its ranges are texts of
 * their values. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "value/json_text.h"
#include "value/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* The text parses to a value that equals `value`. */
static void check_text(const asl_value *value, const char *text, size_t size)
{
    asl_cleanup(asl_value_cleanup) asl_value *again = NULL;
    require(asl_value_parse(NULL, text, size, 0, &again, NULL) == ASL_OK);
    require(asl_value_equal(value, again) && asl_value_equal(again, value));
}

static void check_printing(const asl_value *value)
{
    for (unsigned flags = 0; flags <= ASL_PRINT_PRETTY; flags++) {
        char *text = NULL;
        size_t size = 0;
        require(asl_value_print(value, flags, &text, &size) == ASL_OK);
        require(flags != 0 || size == asl_value_text_size(value));
        check_text(value, text, size);
        asl_text_free(text);
    }
}

static void check_kept(const asl_value *value, const char *text, size_t size)
{
    asl_cleanup(asl_value_cleanup) asl_value *kept = NULL, *compact = NULL;
    require(asl_value_parse(NULL, text, size, ASL_PARSE_KEEP_TEXT, &kept, NULL) == ASL_OK);
    require(asl_value_text_size(kept) == size && asl_value_equal(kept, value));
    asl_cleanup(asl_buffer_done) asl_buffer buffer;
    asl_buffer_init(&buffer, NULL);
    asl_value_print_to(kept, &buffer);
    require(buffer.size == size && (size == 0 || memcmp(buffer.bytes, text, size) == 0));
    compact = asl_value_compact(kept);
    require(compact != NULL && asl_value_text_size(compact) == asl_value_text_size(value));
    check_printing(compact);
}

static void check_document(const asl_value *value, const char *text, size_t size)
{
    asl_document document;
    require(asl_document_parse(NULL, text, size, 256, &document, NULL) == ASL_OK);
    require(asl_value_equal(value, document.root));
    for (size_t i = 0; i < document.count && i < 64; i++) {
        const asl_node_range *range = &document.ranges[i];
        require(range->offset <= size && range->length <= size - range->offset);
        if (range->value != NULL)
            check_text(range->value, text + range->offset, range->length);
    }
    asl_document_done(&document);
}

static void check_refusal(const char *text, size_t size, int status, const asl_error *error)
{
    require(status == ASL_SYNTAX || status == ASL_TOO_LARGE);
    require(asl_error_line(error) > 0 && asl_error_offset(error) <= size);
    asl_document document;
    require(asl_document_parse(NULL, text, size, 256, &document, NULL) == status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    asl_cleanup(asl_value_cleanup) asl_value *value = NULL;
    asl_cleanup(asl_buffer_done) asl_buffer reason;
    asl_error *error = NULL;
    const char *text = (const char *)data, *message = NULL;
    size_t offset = 0;
    asl_buffer_init(&reason, NULL);
    int status = asl_value_parse(NULL, text, size, 0, &value, &error);
    bool passes = asl_json_prescan(text, size, &offset, &message);
    bool is_explained = passes && asl_json_explain(text, size, &offset, &reason);
    require((status == ASL_SYNTAX) == (!passes || is_explained) || status == ASL_TOO_LARGE);
    if (status == ASL_OK) {
        check_printing(value);
        check_kept(value, text, size);
        check_document(value, text, size);
    } else {
        check_refusal(text, size, status, error);
    }
    asl_error_free(error);
    return 0;
}
