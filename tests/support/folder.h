/* Folders that a test has made. */
#ifndef ASL_TESTS_FOLDER_H
#define ASL_TESTS_FOLDER_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>

static inline int folder_remove_entry(const char *path, const struct stat *about, int type,
                                      struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

/* Takes a folder away with all that is in it. 0, also where there is none; else errno says why. */
static inline int folder_remove(const char *path)
{
    int result = nftw(path, folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return result != 0 && errno == ENOENT ? 0 : result;
}

#endif
