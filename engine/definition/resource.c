/* ASL: Task, "Resource". A function's ARN, a service integration, an activity; anything else is a
 * name of the host's own and called like a function. Of the services in the table AWS knows every
 * action, so an unknown one is refused as AWS does; a service that is not in it is the host's. */
#include <string.h>

#include "definition/grammar.h"

#define MAY_SYNC 1u
#define MAY_WAIT 2u

static const struct service {
    const char *name;
    const char *actions; /* between spaces; NULL: any */
    unsigned patterns;
} services[] = {
    {"apigateway", " invoke ", MAY_WAIT},
    {"athena", " startQueryExecution stopQueryExecution getQueryExecution getQueryResults ",
     MAY_SYNC},
    {"aws-sdk", NULL, MAY_WAIT},
    {"batch", " submitJob ", MAY_SYNC},
    {"bedrock", " invokeModel createModelCustomizationJob ", MAY_SYNC | MAY_WAIT},
    {"codebuild",
     " startBuild stopBuild batchDeleteBuilds batchGetReports startBuildBatch stopBuildBatch "
     "retryBuildBatch deleteBuildBatch ",
     MAY_SYNC},
    {"databrew", " startJobRun ", MAY_SYNC},
    {"dynamodb", " getItem putItem deleteItem updateItem ", 0},
    {"ecs", " runTask ", MAY_SYNC | MAY_WAIT},
    {"eks",
     " call runJob createCluster deleteCluster createNodegroup deleteNodegroup "
     "createFargateProfile deleteFargateProfile ",
     MAY_SYNC | MAY_WAIT},
    {"elasticmapreduce",
     " createCluster terminateCluster setClusterTerminationProtection addStep cancelStep "
     "modifyInstanceFleetByName modifyInstanceGroupByName ",
     MAY_SYNC},
    {"emr-containers", " createVirtualCluster deleteVirtualCluster startJobRun ", MAY_SYNC},
    {"emr-serverless",
     " createApplication startApplication stopApplication deleteApplication startJobRun "
     "cancelJobRun ",
     MAY_SYNC},
    {"events", " putEvents ", MAY_WAIT},
    {"glue", " startJobRun ", MAY_SYNC},
    {"http", " invoke ", 0},
    {"lambda", " invoke ", MAY_WAIT},
    {"mediaconvert", " createJob ", MAY_SYNC},
    {"sagemaker",
     " createEndpoint createEndpointConfig createHyperParameterTuningJob createLabelingJob "
     "createModel createProcessingJob createTrainingJob createTransformJob updateEndpoint ",
     MAY_SYNC},
    {"sns", " publish ", MAY_WAIT},
    {"sqs", " sendMessage ", MAY_WAIT},
    {"states", " startExecution ", MAY_SYNC | MAY_WAIT},
};

/* A part of a text; parts[i].size may be 0. */
typedef struct part {
    const char *text;
    size_t size;
} part;

#define ARN_PARTS 6u

static bool is_part(part given, const char *text)
{
    return given.size == strlen(text) && memcmp(given.text, text, given.size) == 0;
}

static bool begins_with(part given, const char *prefix)
{
    return given.size >= strlen(prefix) && memcmp(given.text, prefix, strlen(prefix)) == 0;
}

/* Where a substitution "${...}" at `text` ends; NULL where it does not. */
static const char *skip_substitution(const char *text, const char *end)
{
    for (text += 2; text < end; text++)
        if (*text == '}')
            return text + 1;
    return NULL;
}

static bool has_open_substitution(part whole)
{
    const char *end = whole.text + whole.size;
    for (const char *at = whole.text; at + 1 < end; at++)
        if (at[0] == '$' && at[1] == '{' && skip_substitution(at, end) == NULL)
            return true;
    return false;
}

static bool has_substitution(part whole)
{
    for (size_t i = 0; i + 1 < whole.size; i++)
        if (whole.text[i] == '$' && whole.text[i + 1] == '{')
            return true;
    return false;
}

/* arn:partition:service:region:account:rest; colons in substitutions do not part. */
static bool split_arn(part whole, part parts[ARN_PARTS])
{
    const char *end = whole.text + whole.size, *start = whole.text;
    size_t count = 0;
    for (const char *at = start; at < end && count < ARN_PARTS - 1;) {
        const char *behind = NULL;
        if (end - at >= 2 && at[0] == '$' && at[1] == '{')
            behind = skip_substitution(at, end);
        if (behind == NULL && *at == ':') {
            parts[count++] = (part){start, (size_t)(at - start)};
            start = at + 1;
        }
        at = behind != NULL ? behind : at + 1;
    }
    if (count < ARN_PARTS - 1)
        return false;
    parts[count] = (part){start, (size_t)(end - start)};
    return true;
}

/* The part up to a colon, which *rest goes behind. */
static part take_word(part *rest)
{
    const char *colon = memchr(rest->text, ':', rest->size);
    size_t size = colon == NULL ? rest->size : (size_t)(colon - rest->text);
    part word = {rest->text, size};
    size_t used = colon == NULL ? size : size + 1;
    rest->text += used;
    rest->size -= used;
    return word;
}

static bool is_function_word(part word)
{
    if (has_substitution(word))
        return true;
    for (size_t i = 0; i < word.size; i++) {
        char byte = word.text[i];
        bool is_word = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_' || byte == '.' ||
                       byte == '/' || byte == '<' || byte == '>';
        if (!is_word && !(byte == '$' && i == 0 && is_part(word, "$LATEST")))
            return false;
    }
    return word.size > 0;
}

/* function:NAME or function:NAME:ALIAS */
static bool is_function(part rest)
{
    part kind = take_word(&rest);
    if (!is_part(kind, "function"))
        return has_substitution(kind);
    bool has_colon = memchr(rest.text, ':', rest.size) != NULL;
    part name = take_word(&rest);
    if (!is_function_word(name))
        return false;
    return !has_colon || is_function_word(rest);
}

/* Takes ".sync", ".sync:2" or ".waitForTaskToken" off an action. */
static asl_resource_pattern take_pattern(part *action)
{
    static const struct {
        const char *suffix;
        asl_resource_pattern pattern;
    } suffixes[] = {{".sync", ASL_PATTERN_SYNC},
                    {".sync:2", ASL_PATTERN_SYNC},
                    {".waitForTaskToken", ASL_PATTERN_WAIT_FOR_TASK_TOKEN}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t size = strlen(suffixes[i].suffix);
        if (action->size <= size ||
            memcmp(action->text + action->size - size, suffixes[i].suffix, size) != 0)
            continue;
        action->size -= size;
        return suffixes[i].pattern;
    }
    return ASL_PATTERN_REQUEST_RESPONSE;
}

static bool has_action(const struct service *service, part action)
{
    if (service->actions == NULL || has_substitution(action))
        return true;
    for (const char *at = service->actions; *at != '\0';) {
        const char *word = at + 1;
        const char *end = strchr(word, ' ');
        if (end == NULL)
            return false;
        if ((size_t)(end - word) == action.size && memcmp(word, action.text, action.size) == 0)
            return true;
        at = end;
    }
    return false;
}

/* Of arn:aws:states:::SERVICE:ACTION the last two. */
static bool is_known_service(part rest, asl_resource_pattern *ret_pattern)
{
    part service = take_word(&rest), action = rest;
    bool is_sync_2 = action.size > 7 && memcmp(action.text + action.size - 7, ".sync:2", 7) == 0;
    *ret_pattern = take_pattern(&action);
    if (service.size == 0 || action.size == 0)
        return false;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        if (!is_part(service, services[i].name))
            continue;
        if (*ret_pattern == ASL_PATTERN_SYNC && (services[i].patterns & MAY_SYNC) == 0)
            return false;
        if (*ret_pattern == ASL_PATTERN_WAIT_FOR_TASK_TOKEN &&
            (services[i].patterns & MAY_WAIT) == 0)
            return false;
        if (is_sync_2 && !is_part(service, "states"))
            return false;
        return has_action(&services[i], action);
    }
    return true;
}

/* Sets kind and pattern; false where AWS would not recognise it. */
static bool classify(part whole, asl_resource_kind *ret_kind, asl_resource_pattern *ret_pattern)
{
    part parts[ARN_PARTS];
    *ret_kind = ASL_RESOURCE_LAMBDA;
    *ret_pattern = ASL_PATTERN_REQUEST_RESPONSE;
    if (whole.size == 0 || begins_with(whole, "{%") || has_open_substitution(whole))
        return false;
    if (!begins_with(whole, "arn:"))
        return true;
    if (!split_arn(whole, parts))
        return has_substitution(whole);
    if (is_part(parts[2], "lambda"))
        return is_function(parts[5]);
    if (!is_part(parts[2], "states"))
        return true;
    if (begins_with(parts[5], "activity:")) {
        *ret_kind = ASL_RESOURCE_ACTIVITY;
        return true;
    }
    *ret_kind = ASL_RESOURCE_SERVICE;
    return is_known_service(parts[5], ret_pattern);
}

static void refuse_in_express(asl_loader *loader, const asl_state *state, asl_node node)
{
    if ((loader->flags & ASL_DEFINITION_EXPRESS) == 0)
        return;
    /* The space at the end of the second is AWS's. */
    if (state->as.task.pattern == ASL_PATTERN_SYNC)
        asl_refuse(loader, node,
                   "Express state machine does not support '.sync' service integration");
    else if (state->as.task.pattern == ASL_PATTERN_WAIT_FOR_TASK_TOKEN)
        asl_refuse(loader, node,
                   "Express state machine does not support '.waitForTaskToken' service "
                   "integration ");
    else if (state->as.task.kind == ASL_RESOURCE_ACTIVITY)
        asl_refuse(loader, node, "Express state machine does not support Activity ARN");
}

void asl_read_resource(asl_loader *loader, asl_state *state, asl_node node)
{
    part whole = {0};
    whole.text = asl_node_string(loader, node, &whole.size);
    if (!classify(whole, &state->as.task.kind, &state->as.task.pattern)) {
        asl_refuse(loader, node,
                   "The resource provided %s is not recognized. The value is not a valid resource "
                   "ARN, or the resource is not available in this region.",
                   whole.text);
        return;
    }
    state->as.task.resource = asl_value_ref(asl_node_value(loader, node));
    asl_loader_own(loader, NULL, NULL, state->as.task.resource);
    refuse_in_express(loader, state, node);
    if (state->as.task.pattern == ASL_PATTERN_SYNC)
        asl_require_feature(loader, ASL_FEATURE_SYNC, node);
    if (state->as.task.pattern == ASL_PATTERN_WAIT_FOR_TASK_TOKEN)
        asl_require_feature(loader, ASL_FEATURE_TASK_TOKEN, node);
    if (state->as.task.kind == ASL_RESOURCE_ACTIVITY)
        asl_require_feature(loader, ASL_FEATURE_ACTIVITY, node);
}
