/* The lambdas of the program: a web server, a picture to grey, and the commands for memcached. */
#include <stdint.h>
#include <pif_plugin.h>
#include <pif_plugin_metadata.h>
#include <pif_common.h>

#define SIDE 32
#define GET_PORT 0x3333

/* A host writes the picture here and then the flag; it reads the result when the other flag is set. */
volatile __export __mem uint8_t picture_ready = 0;
volatile __export __mem uint8_t grey_ready = 0;
volatile __export __mem uint32_t picture[SIDE][SIDE];
volatile __export __mem uint8_t grey[SIDE][SIDE];

int pif_plugin_serve_job(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
    PIF_PLUGIN_job_T *job = pif_plugin_hdr_get_job(headers);
    int row, column;

    if (job->jobId == 0) {
        /* "hi: " */
        job->__content_0 = 0x68693a20;
    } else if (job->jobId == 1) {
        while (!picture_ready) {
            sleep(1000);
        }
        for (row = 0; row < SIDE; row++) {
            for (column = 0; column < SIDE; column++) {
                grey[row][column] = (uint8_t)(picture[row][column] & 0xff) / 3 +
                                    (uint8_t)((picture[row][column] >> 8) & 0xff) / 3 +
                                    (uint8_t)((picture[row][column] >> 16) & 0xff) / 3;
            }
        }
        grey_ready = 1;
        /* The picture's last pixel, so that the answer tells of it. */
        job->__content_0 = grey[SIDE - 1][SIDE - 1];
    }
    return PIF_PLUGIN_RETURN_FORWARD;
}

int pif_plugin_write_command(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {
    PIF_PLUGIN_memcached_T *memcached = pif_plugin_hdr_get_memcached(headers);
    PIF_PLUGIN_udp_T *udp = pif_plugin_hdr_get_udp(headers);
    PIF_PLUGIN_ipv4_T *ipv4 = pif_plugin_hdr_get_ipv4(headers);

    /* Request 1, datagram 0 of 1. */
    memcached->__command_0 = 0x00010000;
    memcached->__command_1 = 0x00010000;
    if (udp->dstPort == GET_PORT) {
        /* "get key\r\n" */
        memcached->__command_2 = 0x67657420;
        memcached->__command_3 = 0x6b65790d;
        memcached->__command_4 = 0x0a000000;
        udp->length_ = 25;
        ipv4->totalLen = 45;
    } else {
        /* "set key 0 0 4\r\nfour\r\n" */
        memcached->__command_2 = 0x73657420;
        memcached->__command_3 = 0x6b657920;
        memcached->__command_4 = 0x30203020;
        memcached->__command_5 = 0x340d0a66;
        memcached->__command_6 = 0x6f75720d;
        memcached->__command_7 = 0x0a000000;
        udp->length_ = 37;
        ipv4->totalLen = 57;
    }
    return PIF_PLUGIN_RETURN_FORWARD;
}
