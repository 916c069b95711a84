-- An event that cannot be folded goes to the dead letters, once.
-- KEYS: stream, dead letters
-- ARGV: group, id, event, reason, 1 when the event log can read it, most dead letters
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
    return 0
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*',
    'e', ARGV[3], 'reason', ARGV[4], 'logged', ARGV[5], 'id', ARGV[2])
return 1
