/*
** The module socket.native: a table for each class, filled by the files that
** hold its functions.
*/

#include "native.h"

#include "addrinfo.h"
#include "addrinfo_lookup.h"
#include "addrinfo_marshal.h"
#include "addrinfo_new.h"
#include "addrinfo_query.h"
#include "addrinfo_text.h"
#include "ancdata.h"
#include "ancdata_text.h"
#include "cmsg_table.h"
#include "consts.h"
#include "errnos.h"
#include "error.h"
#include "handle.h"
#include "ifaddr.h"
#include "lookup.h"
#include "mailbox.h"
#include "names.h"
#include "op_accept.h"
#include "op_activation.h"
#include "op_addr.h"
#include "op_clock.h"
#include "op_close.h"
#include "op_connect.h"
#include "op_copy.h"
#include "op_datagram.h"
#include "op_failure.h"
#include "op_fcntl.h"
#include "op_flush.h"
#include "op_format.h"
#include "op_info.h"
#include "op_line.h"
#include "op_name.h"
#include "op_netdb.h"
#include "op_netdb_legacy.h"
#include "op_nowait.h"
#include "op_open.h"
#include "op_opt.h"
#include "op_option.h"
#include "op_pass.h"
#include "op_path.h"
#include "op_read.h"
#include "op_recv.h"
#include "op_recvmsg.h"
#include "op_registry.h"
#include "op_resolve.h"
#include "op_scheduler.h"
#include "op_select.h"
#include "op_send.h"
#include "op_sendmsg.h"
#include "op_sockaddr.h"
#include "op_source.h"
#include "op_stop.h"
#include "op_supports.h"
#include "op_task.h"
#include "op_wait.h"
#include "op_write.h"
#include "option.h"
#include "option_text.h"
#include "state.h"

#include <lauxlib.h>

static const struct {
  const char *table;
  void (*open)(lua_State *L);
} parts[] = {
    /* One row a line, as they are added one by one. */
    /* clang-format off */
    {"Addrinfo", lsk_open_addrinfo},
    {"Addrinfo", lsk_open_addrinfo_lookup},
    {"Addrinfo", lsk_open_addrinfo_marshal},
    {"Addrinfo", lsk_open_addrinfo_new},
    {"Addrinfo", lsk_open_addrinfo_query},
    {"Addrinfo", lsk_open_addrinfo_text},
    {"AncillaryData", lsk_open_ancdata},
    {"AncillaryData", lsk_open_ancdata_text},
    {"AncillaryData", lsk_open_cmsg_table},
    {"BasicSocket", lsk_open_op_close},
    {"BasicSocket", lsk_open_op_fcntl},
    {"BasicSocket", lsk_open_op_flush},
    {"BasicSocket", lsk_open_op_format},
    {"BasicSocket", lsk_open_op_info},
    {"BasicSocket", lsk_open_op_line},
    {"BasicSocket", lsk_open_op_name},
    {"BasicSocket", lsk_open_op_nowait},
    {"BasicSocket", lsk_open_op_opt},
    {"BasicSocket", lsk_open_op_option},
    {"BasicSocket", lsk_open_op_pollable},
    {"BasicSocket", lsk_open_op_read},
    {"BasicSocket", lsk_open_op_recv},
    {"BasicSocket", lsk_open_op_recvmsg},
    {"BasicSocket", lsk_open_op_send},
    {"BasicSocket", lsk_open_op_sendmsg},
    {"BasicSocket", lsk_open_op_wait},
    {"BasicSocket", lsk_open_op_write},
    {"Constants", lsk_open_consts},
    {"Errno", lsk_open_errnos},
    {"Error", lsk_open_error},
    {"IPSocket", lsk_open_op_addr_ip},
    {"IPSocket", lsk_open_op_netdb_ip},
    {"IPSocket", lsk_open_op_recvfrom_alone},
    {"Ifaddr", lsk_open_ifaddr},
    {"Option", lsk_open_option},
    {"Option", lsk_open_option_text},
    {"SelectInfo", lsk_open_mailboxes},
    {"Socket", lsk_open_consts},
    {"Socket", lsk_open_error_constants},
    {"Socket", lsk_open_ifaddr_lists},
    {"Socket", lsk_open_lookup},
    {"Socket", lsk_open_op_netdb},
    {"Socket", lsk_open_op_netdb_legacy},
    {"Socket", lsk_open_op_accept},
    {"Socket", lsk_open_op_activation},
    {"Socket", lsk_open_op_connect},
    {"Socket", lsk_open_op_option_socket},
    {"Socket", lsk_open_op_receive},
    {"Socket", lsk_open_op_recvfrom},
    {"Socket", lsk_open_op_registry},
    {"Socket", lsk_open_op_sockaddr},
    {"Socket", lsk_open_op_task},
    {"TCPServer", lsk_open_op_accept_alone},
    {"TCPServer", lsk_open_op_listen},
    {"TCPSocket", lsk_open_op_netdb_legacy_tcp},
    {"Task", lsk_open_op_task_class},
    {"UDPSocket", lsk_open_op_recvfrom},
    {"UDPSocket", lsk_open_op_send_udp},
    {"UDPSource", lsk_open_op_source},
    {"UNIXServer", lsk_open_op_accept_alone},
    {"UNIXServer", lsk_open_op_listen},
    {"UNIXSocket", lsk_open_op_addr_unix},
    {"UNIXSocket", lsk_open_op_pass},
    {"UNIXSocket", lsk_open_op_recvfrom_alone},
    {"clock", lsk_open_op_clock},
    {"copy", lsk_open_op_copy},
    {"datagram", lsk_open_op_datagram},
    {"datagram", lsk_open_op_source_ends},
    {"failure", lsk_open_op_failure},
    {"metatables", lsk_open_handle},
    {"names", lsk_open_names},
    {"open", lsk_open_op_open},
    {"path", lsk_open_op_path},
    {"registry", lsk_open_op_registry_parts},
    {"resolver", lsk_open_op_resolve},
    {"scheduler", lsk_open_op_scheduler},
    {"select", lsk_open_op_select},
    {"stop", lsk_open_op_stop},
    {"supports", lsk_open_op_supports},
    {"wait", lsk_open_op_poll},
    /* clang-format on */
};

int luaopen_socket_native(lua_State *L) {
  lsk_open_state(L);
  lua_newtable(L);
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    luaL_getsubtable(L, -1, parts[i].table);
    parts[i].open(L);
    lua_pop(L, 1);
  }
  return 1;
}
