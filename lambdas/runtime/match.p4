/*
 * The match stage (paper Listing 3). A lambda is part of the firmware when its id is defined; the workload manager
 * assigns the ids and shares them with the gateway.
 */

#include "headers.p4"
#include "parser.p4"
#include "checksums.p4"
#include "reply.p4"

#define PORT_WIRE 0x0
#define PORT_HOST 0x300

action to_host() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, PORT_HOST);
}

table send_pkt_to_host {
  actions {
    to_host;
  }
  default_action : to_host();
}

action to_wire() {
  modify_field(pipeline.unchanged, 1);
  modify_field(standard_metadata.egress_spec, PORT_WIRE);
}

table send_pkt_to_wire {
  actions {
    to_wire;
  }
  default_action : to_wire();
}

action discard() {
  drop();
}

/* Answers that come to a worker are not requests: two workers would answer one another for ever. */
table discard_stray_answer {
  actions {
    discard;
  }
  default_action : discard();
}

#ifdef WEB_SERVER_ID
primitive_action web_server();

action run_web_server() {
  web_server();
}

table web_server {
  actions {
    run_web_server;
  }
  default_action : run_web_server();
}

action web_server_reply() {
  reply();
}

table return_web_server_results {
  actions {
    web_server_reply;
  }
  default_action : web_server_reply();
}
#endif

#ifdef KEY_VALUE_CLIENT_ID
primitive_action key_value_client();
primitive_action key_value_client_answer();

action run_key_value_client() {
  key_value_client();
}

table key_value_client {
  actions {
    run_key_value_client;
  }
  default_action : run_key_value_client();
}

/* The second invocation: memcached has answered. */
action run_key_value_client_answer() {
  key_value_client_answer();
}

table key_value_client_answer {
  actions {
    run_key_value_client_answer;
  }
  default_action : run_key_value_client_answer();
}

action key_value_client_reply() {
  finish_reply();
}

table return_key_value_client_results {
  actions {
    key_value_client_reply;
  }
  default_action : key_value_client_reply();
}
#endif

#ifdef IMAGE_TRANSFORMER_ID
primitive_action receive_message();
primitive_action send_message();
primitive_action image_transformer();

action run_receive_message() {
  receive_message();
}

/* Collects the fragments of a request; goes on with the one that completes it. */
table gather_message {
  actions {
    run_receive_message;
  }
  default_action : run_receive_message();
}

action run_image_transformer() {
  image_transformer();
}

table image_transformer {
  actions {
    run_image_transformer;
  }
  default_action : run_image_transformer();
}

action image_transformer_reply() {
  reply();
  send_message();
}

table return_image_transformer_results {
  actions {
    image_transformer_reply;
  }
  default_action : image_transformer_reply();
}
#endif

#ifdef IMAGE_MEAN_ID
primitive_action image_mean();

action run_image_mean() {
  image_mean();
}

table image_mean {
  actions {
    run_image_mean;
  }
  default_action : run_image_mean();
}

action image_mean_reply() {
  reply();
}

table return_image_mean_results {
  actions {
    image_mean_reply;
  }
  default_action : image_mean_reply();
}
#endif

control ingress {
  if (standard_metadata.ingress_port == PORT_HOST) {
    apply(send_pkt_to_wire);
  } else if (valid(lambda_hdr)) {
    if ((lambda_hdr.flags & FLAG_RESPONSE) != 0) {
      apply(discard_stray_answer);
    } else
#ifdef WEB_SERVER_ID
    if (lambda_hdr.wId == WEB_SERVER_ID) {
      apply(web_server);
      apply(return_web_server_results);
    } else
#endif
#ifdef KEY_VALUE_CLIENT_ID
    if (lambda_hdr.wId == KEY_VALUE_CLIENT_ID) {
      /* A request that is refused is answered at once; the others go on to memcached. */
      apply(key_value_client);
      if (valid(lambda_hdr)) {
        apply(return_key_value_client_results);
      }
    } else
#endif
#ifdef IMAGE_TRANSFORMER_ID
    if (lambda_hdr.wId == IMAGE_TRANSFORMER_ID) {
      apply(gather_message);
      apply(image_transformer);
      apply(return_image_transformer_results);
    } else
#endif
#ifdef IMAGE_MEAN_ID
    if (lambda_hdr.wId == IMAGE_MEAN_ID) {
      apply(image_mean);
      apply(return_image_mean_results);
    } else
#endif
    {
      apply(send_pkt_to_host);
    }
  } else if (valid(memcached_hdr)) {
#ifdef KEY_VALUE_CLIENT_ID
    apply(key_value_client_answer);
    if (valid(lambda_hdr)) {
      apply(return_key_value_client_results);
    } else {
      apply(send_pkt_to_host);
    }
#else
    apply(send_pkt_to_host);
#endif
  } else {
    apply(send_pkt_to_host);
  }
}
