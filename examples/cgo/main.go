// Command collate sorts its arguments with the C library's qsort.
package main

/*
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(char **words, size_t count) {
	qsort(words, count, sizeof *words, compare);
}
*/
import "C"

import (
	"fmt"
	"os"
	"strings"
	"unsafe"
)

func main() {
	fmt.Println(strings.Join(sorted(os.Args[1:]), " "))
}

func sorted(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	texts := make([]*C.char, len(words))
	for i, word := range words {
		texts[i] = C.CString(word)
		defer C.free(unsafe.Pointer(texts[i]))
	}
	C.sort((**C.char)(unsafe.Pointer(&texts[0])), C.size_t(len(texts)))
	result := make([]string, len(texts))
	for i, text := range texts {
		result[i] = C.GoString(text)
	}
	return result
}
