#include <string.h>
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

// What Swift cannot do with librabbitmq, or only at length: variadic functions, and tables whose keys and values must
// stay where they are for the length of a call.

typedef amqp_connection_state_t popug_connection;

static inline void popug_put_text(amqp_table_t *table, const char *key, amqp_bytes_t text) {
    amqp_table_entry_t *entry = &table->entries[table->num_entries++];
    entry->key = amqp_cstring_bytes(key);
    entry->value.kind = AMQP_FIELD_KIND_UTF8;
    entry->value.value.bytes = text;
}
static inline void popug_put_integer(amqp_table_t *table, const char *key, int64_t value) {
    amqp_table_entry_t *entry = &table->entries[table->num_entries++];
    entry->key = amqp_cstring_bytes(key);
    entry->value.kind = AMQP_FIELD_KIND_I64;
    entry->value.value.i64 = value;
}
static inline void popug_put_truth(amqp_table_t *table, const char *key) {
    amqp_table_entry_t *entry = &table->entries[table->num_entries++];
    entry->key = amqp_cstring_bytes(key);
    entry->value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry->value.value.boolean = 1;
}

// Signs in, and asks to be told when the broker takes no messages and when it ends a consumer.
static inline amqp_rpc_reply_t popug_login(popug_connection connection, const char *vhost, int heartbeat,
                                           const char *name, const char *user, const char *password) {
    amqp_table_entry_t able[2], said[2];
    amqp_table_t abilities = {0, able}, properties = {0, said};
    popug_put_truth(&abilities, "connection.blocked");
    popug_put_truth(&abilities, "consumer_cancel_notify");
    popug_put_text(&properties, "connection_name", amqp_cstring_bytes(name));
    amqp_table_entry_t *entry = &properties.entries[properties.num_entries++];
    entry->key = amqp_cstring_bytes("capabilities");
    entry->value.kind = AMQP_FIELD_KIND_TABLE;
    entry->value.value.table = abilities;
    return amqp_login_with_properties(connection, vhost, 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat, &properties,
                                      AMQP_SASL_METHOD_PLAIN, user, password);
}

// Declares a stream. What is 0 or null is left to the broker.
static inline amqp_rpc_reply_t popug_declare_stream(popug_connection connection, amqp_channel_t channel,
                                                    amqp_bytes_t queue, int64_t bytes, const char *age,
                                                    int64_t segment, int64_t replicas) {
    amqp_table_entry_t entries[6];
    amqp_table_t table = {0, entries};
    popug_put_text(&table, "x-queue-type", amqp_cstring_bytes("stream"));
    popug_put_text(&table, "x-queue-leader-locator", amqp_cstring_bytes("least-leaders"));
    if (bytes > 0) popug_put_integer(&table, "x-max-length-bytes", bytes);
    if (age) popug_put_text(&table, "x-max-age", amqp_cstring_bytes(age));
    if (segment > 0) popug_put_integer(&table, "x-stream-max-segment-size-bytes", segment);
    if (replicas > 0) popug_put_integer(&table, "x-initial-cluster-size", replicas);
    amqp_queue_declare(connection, channel, queue, 0, 1, 0, 0, table);
    return amqp_get_rpc_reply(connection);
}

// Begins a consumer without waiting for an answer: at a named place, or at an offset where that is null.
static inline int popug_consume(popug_connection connection, amqp_channel_t channel, amqp_bytes_t queue,
                                amqp_bytes_t tag, const char *place, int64_t offset) {
    amqp_table_entry_t entries[1];
    amqp_table_t table = {0, entries};
    if (place) popug_put_text(&table, "x-stream-offset", amqp_cstring_bytes(place));
    else popug_put_integer(&table, "x-stream-offset", offset);
    amqp_basic_consume_t method = {0, queue, tag, 0, 0, 0, 1, table};
    return amqp_send_method(connection, channel, AMQP_BASIC_CONSUME_METHOD, &method);
}
static inline int popug_cancel(popug_connection connection, amqp_channel_t channel, amqp_bytes_t tag) {
    amqp_basic_cancel_t method = {tag, 1};
    return amqp_send_method(connection, channel, AMQP_BASIC_CANCEL_METHOD, &method);
}
static inline int popug_accept_close(popug_connection connection, amqp_channel_t channel) {
    amqp_channel_close_ok_t method = {0};
    return amqp_send_method(connection, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &method);
}

// An event on the wire: attributes in the properties that AMQP has for them, the rest in headers.
typedef struct {
    amqp_bytes_t id, type, trace, key, code, personal, body;
    int64_t number, time, offset;
} popug_message;

static inline int popug_publish(popug_connection connection, amqp_channel_t channel, amqp_bytes_t queue,
                                const popug_message *message) {
    amqp_table_entry_t entries[5];
    amqp_basic_properties_t properties;
    properties._flags = AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG;
    properties.message_id = message->id;
    properties.type = message->type;
    if (message->number > 0) {
        properties._flags |= AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
        properties.content_type = amqp_cstring_bytes("application/json");
        properties.correlation_id = message->trace;
        properties.headers.num_entries = 0;
        properties.headers.entries = entries;
        popug_put_integer(&properties.headers, "number", message->number);
        popug_put_integer(&properties.headers, "time", message->time);
        popug_put_text(&properties.headers, "key", message->key);
        if (message->code.len > 0) popug_put_text(&properties.headers, "code", message->code);
        if (message->personal.len > 0) popug_put_text(&properties.headers, "personal", message->personal);
    }
    return amqp_basic_publish(connection, channel, amqp_empty_bytes, queue, 1, 0, &properties, message->body);
}

// Reads what popug_publish wrote, but for the body; what is missing is empty, 0, or -1 for the offset.
static inline popug_message popug_read(const amqp_frame_t *header) {
    const amqp_basic_properties_t *properties = (const amqp_basic_properties_t *)header->payload.properties.decoded;
    popug_message message;
    memset(&message, 0, sizeof message);
    message.offset = -1;
    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) message.id = properties->message_id;
    if (properties->_flags & AMQP_BASIC_TYPE_FLAG) message.type = properties->type;
    if (properties->_flags & AMQP_BASIC_CORRELATION_ID_FLAG) message.trace = properties->correlation_id;
    if (!(properties->_flags & AMQP_BASIC_HEADERS_FLAG)) return message;
    for (int index = 0; index < properties->headers.num_entries; index++) {
        const amqp_table_entry_t *entry = &properties->headers.entries[index];
        const char *key = (const char *)entry->key.bytes;
        const int isInteger = entry->value.kind == AMQP_FIELD_KIND_I64;
#define POPUG_IS(word) (entry->key.len == sizeof word - 1 && memcmp(key, word, sizeof word - 1) == 0)
        if (isInteger && POPUG_IS("number")) message.number = entry->value.value.i64;
        else if (isInteger && POPUG_IS("time")) message.time = entry->value.value.i64;
        else if (isInteger && POPUG_IS("x-stream-offset")) message.offset = entry->value.value.i64;
        else if (entry->value.kind != AMQP_FIELD_KIND_UTF8) continue;
        else if (POPUG_IS("key")) message.key = entry->value.value.bytes;
        else if (POPUG_IS("code")) message.code = entry->value.value.bytes;
        else if (POPUG_IS("personal")) message.personal = entry->value.value.bytes;
#undef POPUG_IS
    }
    return message;
}

// Method numbers are casts in the library's headers, which Swift does not read.
enum popug_method {
    popug_connection_close = 0x000A0032,
    popug_connection_blocked = 0x000A003C,
    popug_connection_unblocked = 0x000A003D,
    popug_channel_close = 0x00140028,
    popug_basic_cancel = 0x003C001E,
    popug_basic_return = 0x003C0032,
    popug_basic_deliver = 0x003C003C,
    popug_basic_ack = 0x003C0050,
    popug_basic_nack = 0x003C0078,
};
