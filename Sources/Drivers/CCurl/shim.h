#include <curl/curl.h>
#include <sys/socket.h>

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
typedef int (*popug_progress)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode popug_set_progress(CURL *handle, popug_progress value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}
// Closes the connection that is in use or kept, without a word.
static inline void popug_hang_up(CURL *handle) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK && socket != CURL_SOCKET_BAD) {
        shutdown(socket, 2);
    }
}
static inline CURLcode popug_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
