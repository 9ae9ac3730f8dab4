/* Folders are made where they are wanted, and hold one store each. */
#include "stores.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void stores_make(const char *parent, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/bench-XXXXXX", parent);
    if (length < 0 || (size_t)length >= size || !mkdtemp(path)) {
        perror(path);
        exit(1);
    }
}

void stores_remove(const char *path)
{
    DIR *directory = opendir(path);
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory)
        closedir(directory);
    rmdir(path);
}
