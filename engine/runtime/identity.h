/* An execution's identity: its names, ARN and keys, in one block that the execution and its tasks
 * share. Threads: any; it does not change once the execution has a task. */
#ifndef ASL_RUNTIME_IDENTITY_H
#define ASL_RUNTIME_IDENTITY_H

#include "runtime/machine.h"
#include "runtime/mailbox.h"
#include "runtime/token.h"

#define ASL_KEY_SIZE 64u /* an idempotency key with its NUL */

typedef struct asl_identity {
    const asl_heap *heap;
    size_t size; /* of the block */
    _Atomic unsigned references;
    asl_mailbox *mailbox;
    asl_definition *definition;
    int64_t start_ms;
    asl_token_source tokens;
    char key_prefix[40]; /* "HASH-NUMBER-" of idempotency keys */
    asl_machine_type type;
    const char *machine;
    const char *name;
    const char *stored_name; /* the same; EXPRESS: "NAME:UUID" */
    const char *arn;
    char texts[];
} asl_identity;

/* NULL when out of memory. `secret` keys tokens, and the hash that is in idempotency keys. */
asl_identity *asl_identity_new(const asl_heap *heap, const asl_machine *machine,
                               const char *stored_name, uint64_t number, const uint64_t secret[4],
                               asl_mailbox *mailbox);
asl_identity *asl_identity_ref(asl_identity *identity);
void asl_identity_unref(asl_identity *identity);
/* The idempotency key of the try that event `event` scheduled. */
void asl_identity_key(const asl_identity *identity, uint64_t event, char out[ASL_KEY_SIZE]);

#endif
