/* Identities. An idempotency key is "HASH-NUMBER-EVENT": the hash of the number under the store's
 * secret keeps the keys of different stores apart, number and event those of one store. */
#include "runtime/identity.h"

#include <string.h>

#include "base/heap.h"
#include "runtime/secret.h"

static char *write_hex(char *out, uint64_t number, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--)
        *out++ = "0123456789abcdef"[number >> (4 * (i - 1)) & 15];
    return out;
}

static void write_key_prefix(char *out, uint64_t hash, uint64_t number)
{
    unsigned digits = 1;
    while (digits < 16 && number >> (4 * digits) != 0)
        digits++;
    out = write_hex(out, hash, 16);
    *out++ = '-';
    out = write_hex(out, number, digits);
    *out++ = '-';
    *out = '\0';
}

asl_identity *asl_identity_new(const asl_heap *heap, const asl_machine *machine,
                               const char *stored_name, uint64_t number, const uint64_t secret[4],
                               asl_mailbox *mailbox)
{
    size_t machine_size = strlen(machine->name) + 1;
    size_t prefix_size = strlen(machine->execution_prefix);
    size_t stored_size = strlen(stored_name) + 1;
    size_t name_size = strcspn(stored_name, ":") + 1;
    size_t size = sizeof(asl_identity) + machine_size + prefix_size + stored_size + name_size;
    asl_identity *identity = asl_allocate(heap, size);
    if (!identity)
        return NULL;
    *identity = (asl_identity){.heap = heap,
                               .size = size,
                               .mailbox = asl_mailbox_ref(mailbox),
                               .definition = asl_definition_ref(machine->definition),
                               .tokens = {.number = number},
                               .type = machine->type};
    memcpy(identity->tokens.secret, secret, sizeof identity->tokens.secret);
    atomic_init(&identity->references, 1);
    char *text = identity->texts;
    memcpy(text, machine->name, machine_size);
    identity->machine = text;
    text += machine_size;
    memcpy(text, machine->execution_prefix, prefix_size);
    memcpy(text + prefix_size, stored_name, stored_size);
    identity->arn = text;
    identity->stored_name = text + prefix_size; /* an execution's ARN ends with it */
    text += prefix_size + stored_size;
    memcpy(text, stored_name, name_size - 1);
    text[name_size - 1] = '\0';
    identity->name = text;
    write_key_prefix(identity->key_prefix, asl_secret_hash(secret, &number, sizeof number), number);
    return identity;
}

asl_identity *asl_identity_ref(asl_identity *identity)
{
    atomic_fetch_add_explicit(&identity->references, 1, memory_order_relaxed);
    return identity;
}

void asl_identity_unref(asl_identity *identity)
{
    if (!identity || atomic_fetch_sub_explicit(&identity->references, 1, memory_order_acq_rel) != 1)
        return;
    asl_mailbox_unref(identity->mailbox);
    asl_definition_unref(identity->definition);
    asl_release(identity->heap, identity, identity->size);
}

void asl_identity_key(const asl_identity *identity, uint64_t event, char out[ASL_KEY_SIZE])
{
    size_t size = strlen(identity->key_prefix);
    memcpy(out, identity->key_prefix, size);
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + event % 10);
        event /= 10;
    } while (event > 0);
    while (count > 0)
        out[size++] = digits[--count];
    out[size] = '\0';
}
