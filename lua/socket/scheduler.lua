-- Another event loop in place of the built-in one: who is asked to wait, and
-- what it is told.

local classes = require "socket.class"
local native = require "socket.native"

local get, on_close = native.scheduler.get, native.scheduler.on_close
local set = native.scheduler.set

local Socket = classes.Socket

-- What a scheduler has in any case, as in Ruby.
local METHODS = { "block", "io_wait", "kernel_sleep", "unblock" }

-- A loop that keeps what it knows of an fd would take the next socket with that
-- number for this one. Nobody waits for a socket that is collected, so that
-- only cqueues, which has to know of each fd, is told then.
on_close(function(fd, is_collected)
  local cqueues = package.loaded["cqueues"]
  if type(cqueues) == "table" and cqueues.cancel then cqueues.cancel(fd) end
  local scheduler = get()
  if not is_collected and scheduler and scheduler.io_close then
    scheduler:io_close(fd)
  end
end)

local function complaint(scheduler)
  local kind = type(scheduler)
  if kind ~= "table" and kind ~= "userdata" then
    return "scheduler expected, got " .. kind
  end
  for _, name in ipairs(METHODS) do
    if not scheduler[name] then
      return ("the scheduler has no method '%s'"):format(name)
    end
  end
end

--- Lets another event loop carry out the waits. Outside `Socket.run`, and where
-- Lua can yield, each call that has to wait then asks the scheduler. It has the
-- methods of Ruby's `Fiber::Scheduler`:
--
-- - `io_wait(sock, events, timeout)` waits for a sum of `Socket.READABLE`,
--   `Socket.WRITABLE` and `Socket.PRIORITY`, and gives those that are there, or
--   false when the seconds are over (nil: never). `sock` has a method `fileno`:
--   it is a socket, or a look-up.
-- - `io_select(read, write, except, timeout)` gives three lists of those that
--   are ready, or nil. Without it waits for several sockets block.
-- - `kernel_sleep(seconds)`; nil is for ever.
-- - `block(blocker, timeout)` lets the coroutine wait until
--   `unblock(blocker, coroutine)` is called. The latter is also called for one
--   that waits in `io_wait` or `io_select` while its socket is closed, or a
--   server loop with `concurrency` on it ends. It does not let the coroutine go
--   on at once, but later.
-- - `fiber(fn, ...)` starts a coroutine, for `Socket.schedule` and the server
--   loops with `concurrency`. An error of the function is the scheduler's.
-- - `can_wait()` (optional) tells whether the coroutine that runs is one that
--   `block` can let wait. Where it is not, such a server loop has tasks of its
--   own and blocks the process.
-- - `address_resolve(host)` (optional) gives a list of addresses as text, or
--   nil. Without it, names are looked up on another thread.
-- - `io_close(fd)` (optional) is told of fds that are about to be closed or
--   given away, after having been waited for, and of those of such a server
--   loop: whoever waits for one goes on, and may wait again.
--
-- A method that raises ends the call with its error. Answers to Ruby's
-- `Fiber.set_scheduler`.
-- @function Socket.set_scheduler
-- @param[opt] scheduler nil: the calls block the process again
-- @return the scheduler
function Socket.set_scheduler(scheduler)
  local what = scheduler ~= nil and complaint(scheduler)
  if what then
    error(("bad argument #1 to 'set_scheduler' (%s)"):format(what), 2)
  end
  set(scheduler)
  return scheduler
end

--- The scheduler that was set. Answers to Ruby's `Fiber.scheduler`.
-- @function Socket.scheduler
-- @return the scheduler, or nil
function Socket.scheduler()
  return get()
end
