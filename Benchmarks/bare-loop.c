// What delivering is measured against: libcurl's multi interface alone, posting the same bytes with the same headers to
// the same sink, so many at a time. Usage: bare-loop URL BODY-FILE HEADERS-FILE COUNT IN-FLIGHT
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t discard(char *data, size_t size, size_t count, void *context) {
  (void)data;
  (void)context;
  return size * count;
}

static char *contents(const char *path, long *length) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *length = ftell(file);
  rewind(file);
  char *bytes = malloc((size_t)*length + 1);
  if (fread(bytes, 1, (size_t)*length, file) != (size_t)*length) exit(1);
  bytes[*length] = 0;
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: bare-loop URL BODY-FILE HEADERS-FILE COUNT IN-FLIGHT\n");
    return 64;
  }
  long body_length, headers_length;
  char *body = contents(argv[2], &body_length);
  char *lines = contents(argv[3], &headers_length);
  long count = atol(argv[4]), in_flight = atol(argv[5]), started = 0, ended = 0, failed = 0;
  struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
  for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) headers = curl_slist_append(headers, line);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, in_flight);
  for (; started < in_flight && started < count; started++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, body_length);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_multi_add_handle(multi, easy);
  }
  int running;
  do {
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left))) {
      CURL *easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      ended++;
      if (message->data.result != CURLE_OK || status != 200) failed++;
      curl_multi_remove_handle(multi, easy);
      if (started < count) {
        started++;
        curl_multi_add_handle(multi, easy);
      } else {
        curl_easy_cleanup(easy);
      }
    }
    if (ended < count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  } while (ended < count);
  printf("%ld ended, %ld failed\n", ended, failed);
  return failed ? 1 : 0;
}
