-- What became of a delivery that was sent, unless somebody else has settled that.
-- KEYS: the queue that it is on, deliveries that wait, dead letters
-- ARGV: the delivery, as it is queued; then nothing more (it is done), or: when it is tried again and
--   the delivery as it waits then; or: '' , the delivery, why it is dead, most dead letters
-- Returns 1, or 0 when it was settled before
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then
    return 0
end
if #ARGV == 3 then
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
elseif #ARGV > 3 then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'e', ARGV[3], 'reason', ARGV[4])
end
return 1
