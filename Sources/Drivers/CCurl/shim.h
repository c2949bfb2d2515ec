#include <curl/curl.h>

// Swift cannot call variadic C functions; each kind of argument has a door of its own.
static inline CURLcode popug_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode popug_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode popug_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode popug_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode popug_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
typedef size_t (*popug_transfer)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode popug_set_transfer(CURL *handle, CURLoption option, popug_transfer value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode popug_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
