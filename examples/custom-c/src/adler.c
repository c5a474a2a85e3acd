/* Prints the Adler-32 checksum of each argument, by zlib. */
#include <stdio.h>
#include <string.h>
#include <zlib.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        uLong sum = adler32(adler32(0, Z_NULL, 0), (const Bytef *)argv[i], (uInt)strlen(argv[i]));
        printf("%08lx  %s\n", sum, argv[i]);
    }
    return 0;
}
