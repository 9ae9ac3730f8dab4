/* Settings: restaurants.json beside the plugin, and over it what the bindings say.
 *
 *     {"quantityLimit": 100, "restaurants": {"Restaurant 13": {"open": false}}}
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler/configuration.h"
#include "order.h"

#define AMOUNT_LIMIT_DEFAULT 1000.0
#define QUANTITY_LIMIT_DEFAULT 100
#define FILE_BYTES_MAX 1048576

static int check_restaurants(const asl_value *restaurants, asl_error **error)
{
    static const char *const members[] = {"open", "quantityLimit", NULL};
    if (asl_value_kind(restaurants) != ASL_KIND_OBJECT)
        return asl_configuration_refuse(error, ASL_SYNTAX, "\"restaurants\" must be an object");
    for (size_t i = 0; i < asl_value_count(restaurants); i++) {
        const char *name = order_text(asl_value_key(restaurants, i), NULL);
        const asl_value *restaurant = asl_value_at(restaurants, i);
        int status = asl_configuration_check(restaurant, name, members, error);
        bool open = true;
        if (status == ASL_OK)
            status = asl_configuration_truth(restaurant, "open", &open, error);
        if (status != ASL_OK)
            return status;
        const asl_value *limit = order_get(restaurant, "quantityLimit");
        int64_t quantity = 1;
        if (limit != NULL && (!order_integer(limit, &quantity) || quantity < 1))
            return asl_configuration_refuse(
                error, ASL_SYNTAX, "\"quantityLimit\" of \"%s\" must be a whole number from 1",
                name);
    }
    return ASL_OK;
}

/* Takes from one object what it has. */
static int apply(order_settings *settings, const asl_value *object, const char *what,
                 asl_error **error)
{
    static const char *const members[] = {"task", "amountLimit", "quantityLimit", "restaurants",
                                          NULL};
    int status = asl_configuration_check(object, what, members, error);
    if (status != ASL_OK)
        return status;
    const asl_value *amount = order_get(object, "amountLimit");
    if (amount != NULL &&
        (!order_number(amount, &settings->amount_limit) || settings->amount_limit <= 0))
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"amountLimit\" must be a number above 0");
    const asl_value *quantity = order_get(object, "quantityLimit");
    if (quantity != NULL &&
        (!order_integer(quantity, &settings->quantity_limit) || settings->quantity_limit < 1))
        return asl_configuration_refuse(error, ASL_SYNTAX,
                                        "\"quantityLimit\" must be a whole number from 1");
    const asl_value *restaurants = order_get(object, "restaurants");
    if (restaurants == NULL)
        return ASL_OK;
    status = check_restaurants(restaurants, error);
    if (status != ASL_OK)
        return status;
    asl_value_unref(settings->restaurants);
    settings->restaurants = asl_value_ref(restaurants);
    return ASL_OK;
}

/* The file beside this plugin. */
static bool file_path(char path[PATH_MAX])
{
    Dl_info info;
    if (dladdr(&order_provider_development, &info) == 0 || info.dli_fname == NULL)
        return false;
    const char *slash = strrchr(info.dli_fname, '/');
    int folder = slash != NULL ? (int)(slash - info.dli_fname) + 1 : 0;
    return snprintf(path, PATH_MAX, "%.*srestaurants.json", folder, info.dli_fname) < PATH_MAX;
}

static int read_file(const char *path, asl_value **ret_value, asl_error **error)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(FILE_BYTES_MAX);
    size_t size = 0;
    int status = ASL_NOMEM;
    if (file == NULL)
        status =
            asl_configuration_refuse(error, ASL_IO, "cannot read %s: %s", path, strerror(errno));
    else if (text != NULL)
        size = fread(text, 1, FILE_BYTES_MAX, file);
    if (file != NULL && text != NULL) {
        asl_error *cause = NULL;
        status = asl_value_parse(NULL, text, size, 0, ret_value, &cause);
        if (status != ASL_OK)
            asl_configuration_refuse(error, status, "%s:%zu:%zu: %s", path, asl_error_line(cause),
                                     asl_error_column(cause), asl_error_message(cause));
        asl_error_free(cause);
    }
    if (file != NULL)
        fclose(file);
    free(text);
    return status;
}

int order_settings_read(const asl_value *configuration, order_settings **ret_settings,
                        asl_error **error)
{
    order_settings *settings = calloc(1, sizeof *settings);
    char path[PATH_MAX];
    asl_value *file = NULL;
    if (settings == NULL)
        return asl_configuration_refuse(error, ASL_NOMEM, "out of memory");
    settings->amount_limit = AMOUNT_LIMIT_DEFAULT;
    settings->quantity_limit = QUANTITY_LIMIT_DEFAULT;
    int status = file_path(path)
                     ? read_file(path, &file, error)
                     : asl_configuration_refuse(error, ASL_IO, "cannot tell where the plugin is");
    if (status == ASL_OK)
        status = apply(settings, file, "restaurants.json", error);
    if (status == ASL_OK && configuration != NULL)
        status = apply(settings, configuration, "configuration", error);
    asl_value_unref(file);
    if (status != ASL_OK) {
        order_settings_free(settings);
        return status;
    }
    *ret_settings = settings;
    return ASL_OK;
}

void order_settings_free(void *context)
{
    order_settings *settings = context;
    if (settings != NULL)
        asl_value_unref(settings->restaurants);
    free(settings);
}
