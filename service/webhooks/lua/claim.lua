-- Takes the delivery that is due longest, and keeps it from others while it is being sent.
-- KEYS: deliveries that wait
-- ARGV: now, until when it is kept from others (seconds both)
-- Returns the delivery; nothing when none is due
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)
if #due == 0 then
    return false
end
redis.call('ZADD', KEYS[1], ARGV[2], due[1])
return due[1]
