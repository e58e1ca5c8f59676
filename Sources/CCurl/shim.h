#pragma once
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
// What the event loop around libcurl waits with; Swift's own Glibc module has neither.
#include <sys/epoll.h>
#include <sys/eventfd.h>

// libcurl's setters and getters are C variadics, which Swift cannot call: here is one typed function for each shape.

static inline CURLcode switchyard_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

/// libcurl copies the string; NULL takes libcurl's default away.
static inline CURLcode switchyard_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

/// The bytes, which libcurl does not copy, must stay where they are until the handle is gone or is given others.
static inline CURLcode switchyard_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
  // libcurl only reads from it, though its type does not say so.
  struct curl_blob blob = {.data = (void *)(size_t)bytes, .len = count, .flags = CURL_BLOB_NOCOPY};
  return curl_easy_setopt(handle, option, &blob);
}

/// libcurl keeps the list's pointer until the transfer is over.
static inline CURLcode switchyard_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
  return curl_easy_setopt(handle, option, list);
}

/// libcurl writes into the buffer, of CURL_ERROR_SIZE bytes, until the handle is gone.
static inline CURLcode switchyard_curl_set_error_buffer(CURL *handle, char *buffer) {
  return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

/// Makes the transfer a POST of these bytes, which libcurl does not copy. No pointer at all would mean reading from a
/// callback, so no bytes are an empty string.
static inline CURLcode switchyard_curl_set_body(CURL *handle, const void *bytes, size_t count) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code ? code : curl_easy_setopt(handle, CURLOPT_POSTFIELDS, count ? (const char *)bytes : "");
}

/// The response's head, line by line, and its body go to these with `context`.
static inline CURLcode switchyard_curl_set_response_callbacks(CURL *handle, curl_write_callback head,
                                                              curl_write_callback body, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, head);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
  return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

/// `open` makes the socket for an address; `before_request` sees the address of every connection that is to be used.
static inline CURLcode switchyard_curl_set_address_callbacks(CURL *handle, curl_opensocket_callback open,
                                                             curl_prereq_callback before_request, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before_request);
  return code ? code : curl_easy_setopt(handle, CURLOPT_PREREQDATA, context);
}

/// A numeric fact about the transfer; 0 where libcurl has none.
static inline long switchyard_curl_get_long(CURL *handle, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

/// A wide fact, one of `CURLINFO_…_T` or `CURLINFO_RETRY_AFTER`; 0 where libcurl has none.
static inline curl_off_t switchyard_curl_get_offset(CURL *handle, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(handle, info, &value) ? 0 : value;
}

static inline CURLMcode switchyard_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode switchyard_curl_multi_set_callbacks(CURLM *multi, curl_socket_callback socket,
                                                            curl_multi_timer_callback timer, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  if (!code) code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  if (!code) code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  return code ? code : curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

/// The socket address that libcurl is about to dial; it may be longer than its type says.
static inline const struct sockaddr *switchyard_curl_socket_address(const struct curl_sockaddr *address) {
  return &address->addr;
}

/// Writes the IP address of a socket address in network order to `bytes`, which has room for 16, and returns how many
/// they are: 4, 16, or 0 if it is of another family.
static inline size_t switchyard_ip_address(const struct sockaddr *address, unsigned char *bytes) {
  if (address->sa_family == AF_INET) {
    memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    return 4;
  }
  if (address->sa_family == AF_INET6) {
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    return 16;
  }
  return 0;
}

/// The port of an IPv4 or IPv6 socket address; 0 for another family.
static inline unsigned switchyard_ip_port(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
  if (address->sa_family == AF_INET6) return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
  return 0;
}
