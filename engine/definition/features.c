/* What a definition may ask for and the engine does not do yet. It is refused when it is loaded,
 * never ignored. */
#include "definition/loader.h"

static const struct {
    bool is_supported;
    const char *what;
} asl_features[] = {
    [ASL_FEATURE_NONE] = {true, ""},
    [ASL_FEATURE_DISTRIBUTED] = {false, "A Map in DISTRIBUTED mode"},
    [ASL_FEATURE_ITEM_READER] = {false, "ItemReader"},
    [ASL_FEATURE_ITEM_BATCHER] = {false, "ItemBatcher"},
    [ASL_FEATURE_RESULT_WRITER] = {false, "ResultWriter"},
    [ASL_FEATURE_TOLERATED_FAILURE] = {false, "A tolerated failure threshold"},
    [ASL_FEATURE_LABEL] = {false, "Label"},
    [ASL_FEATURE_SYNC] = {true, "The integration pattern '.sync'"},
    [ASL_FEATURE_TASK_TOKEN] = {true, "The integration pattern '.waitForTaskToken'"},
    [ASL_FEATURE_ACTIVITY] = {true, "An activity as resource"},
};

void asl_require_feature(asl_loader *loader, asl_feature feature, asl_node node)
{
    if (asl_features[feature].is_supported)
        return;
    asl_report(loader, (asl_problem){.code = "UNSUPPORTED", .node = node, .location = node},
               "%s is not supported yet", asl_features[feature].what);
}
