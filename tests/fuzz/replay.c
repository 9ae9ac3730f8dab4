/* Runs a fuzz target over a folder of inputs, as an ordinary test: what the fuzzer found once is
 * checked by every build, without libFuzzer.
 *
 * usage: replay-TARGET FOLDER...
 * Every file of a folder is given to the target in an allocation of exactly its size, so that a
 * read past its end is seen by the sanitizers. Folders without files are an error.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The names of the files in a folder, sorted; -1 when the folder cannot be read. */
static long list_files(const char *folder, char ***ret_names)
{
    DIR *directory = opendir(folder);
    if (!directory)
        return -1;
    char **names = NULL;
    size_t count = 0;
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.')
            continue;
        char **grown = realloc(names, (count + 1) * sizeof *names);
        char *name = strdup(entry->d_name);
        if (!grown || !name)
            abort();
        names = grown;
        names[count++] = name;
    }
    closedir(directory);
    if (count > 0)
        qsort(names, count, sizeof *names, compare_names);
    *ret_names = names;
    return (long)count;
}

static int run_stream(FILE *stream)
{
    if (fseek(stream, 0, SEEK_END) != 0)
        return -1;
    long size = ftell(stream);
    if (size < 0 || fseek(stream, 0, SEEK_SET) != 0)
        return -1;
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    if (!data)
        return -1;
    if (fread(data, 1, (size_t)size, stream) != (size_t)size) {
        free(data);
        return -1;
    }
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 0;
}

static int run_file(const char *folder, const char *name)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return -1;
    int result = run_stream(stream);
    fclose(stream);
    return result;
}

static long run_folder(const char *folder)
{
    char **names = NULL;
    long count = list_files(folder, &names);
    long done = 0;
    for (long i = 0; i < count; i++) {
        if (run_file(folder, names[i]) == 0)
            done++;
        else
            fprintf(stderr, "%s/%s: %s\n", folder, names[i], strerror(errno));
        free(names[i]);
    }
    free(names);
    return done == count ? done : -1;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 1; i < argc; i++) {
        long count = run_folder(argv[i]);
        printf("%s: %ld inputs\n", argv[i], count);
        if (count <= 0)
            failed = 1;
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
