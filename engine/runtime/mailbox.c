/* A lock, two queues and an eventfd. The engine looks at one atomic flag before it takes the lock,
 * so an engine whose tasks are finished on its own thread never does. */
#include "runtime/mailbox.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/heap.h"
#include "runtime/execution.h"
#include "runtime/task.h"

int asl_mailbox_new(const asl_heap *heap, asl_store *store, asl_mailbox **ret_mailbox,
                    asl_error **error)
{
    asl_mailbox *mailbox = asl_allocate_zeroed(heap, sizeof *mailbox);
    if (!mailbox)
        return asl_error_set(error, ASL_NOMEM, "out of memory");
    mailbox->heap = heap;
    mailbox->store = store;
    atomic_init(&mailbox->references, 1);
    STAILQ_INIT(&mailbox->answers);
    STAILQ_INIT(&mailbox->flights);
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->fd < 0) {
        int code = errno;
        asl_release(heap, mailbox, sizeof *mailbox);
        return asl_error_set(error, ASL_IO, "eventfd: %s", strerror(code));
    }
    pthread_mutex_init(&mailbox->lock, NULL);
    *ret_mailbox = mailbox;
    return ASL_OK;
}

asl_mailbox *asl_mailbox_ref(asl_mailbox *mailbox)
{
    atomic_fetch_add_explicit(&mailbox->references, 1, memory_order_relaxed);
    return mailbox;
}

void asl_mailbox_unref(asl_mailbox *mailbox)
{
    if (!mailbox || atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) != 1)
        return;
    if (mailbox->fd >= 0)
        close(mailbox->fd);
    pthread_mutex_destroy(&mailbox->lock);
    asl_release(mailbox->heap, mailbox, sizeof *mailbox);
}

void asl_mailbox_ring(asl_mailbox *mailbox)
{
    if (atomic_exchange(&mailbox->is_rung, true))
        return;
    int code = errno;
    uint64_t one = 1;
    /* It can only fail where the counter is full, and then the descriptor is readable. */
    if (write(mailbox->fd, &one, sizeof one) < 0)
        errno = code;
}

void asl_mailbox_silence(asl_mailbox *mailbox)
{
    /* One read takes all of the counter; where it was zero nothing is wrong. */
    uint64_t count;
    ssize_t result = read(mailbox->fd, &count, sizeof count);
    (void)result;
    /* Behind the read: who rings in between leaves its mail where the caller looks next. */
    atomic_exchange(&mailbox->is_rung, false);
}

bool asl_mailbox_send_answer(asl_mailbox *mailbox, asl_answer *answer)
{
    pthread_mutex_lock(&mailbox->lock);
    bool is_open = !mailbox->is_closed;
    if (is_open) {
        asl_task_ref(answer->task);
        STAILQ_INSERT_TAIL(&mailbox->answers, answer, mail_link);
        atomic_store_explicit(&mailbox->has_mail, true, memory_order_release);
        asl_mailbox_ring(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return is_open;
}

void asl_mailbox_send_flight(asl_mailbox *mailbox, asl_flight *flight)
{
    pthread_mutex_lock(&mailbox->lock);
    STAILQ_INSERT_TAIL(&mailbox->flights, flight, link);
    atomic_store_explicit(&mailbox->has_mail, true, memory_order_release);
    asl_mailbox_ring(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

void asl_mailbox_take(asl_mailbox *mailbox, struct asl_answer_queue *answers,
                      struct asl_flight_queue *flights)
{
    pthread_mutex_lock(&mailbox->lock);
    atomic_store_explicit(&mailbox->has_mail, false, memory_order_relaxed);
    STAILQ_CONCAT(answers, &mailbox->answers);
    STAILQ_CONCAT(flights, &mailbox->flights);
    pthread_mutex_unlock(&mailbox->lock);
}

void asl_mailbox_close(asl_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->is_closed = true;
    close(mailbox->fd);
    mailbox->fd = -1;
    pthread_mutex_unlock(&mailbox->lock);
}
