/* Tokens of pages: where the next page of an execution's history begins, and that this store has
 * said so. Opaque to hosts: base64url over the execution, the event and direction, and a hash of
 * them under the store's secret. */
#ifndef ASL_RUNTIME_PAGE_TOKEN_H
#define ASL_RUNTIME_PAGE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#define ASL_PAGE_TOKEN_SIZE 33u /* with its NUL */

typedef struct asl_page_place {
    uint64_t number, event; /* the first event of the page, in its order */
    bool is_reverse;
} asl_page_place;

void asl_page_token_make(const unsigned char secret[32], const asl_page_place *place,
                         char out[ASL_PAGE_TOKEN_SIZE]);
/* False where this store has not made it. */
bool asl_page_token_read(const unsigned char secret[32], const char *token,
                         asl_page_place *ret_place);

#endif
