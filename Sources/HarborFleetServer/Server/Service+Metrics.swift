internal import EventLoops
internal import StoreCache
internal import Supervision

/// Services that only measure what has no service of its own.
extension Service {
    /// - Parameters:
    ///   - name: the metrics' names but for their ends.
    ///   - help: what they mean.
    static func lane(
        _ lane: ColdLane, _ name: String, of help: (waiting: String, refused: String)
    ) -> Service {
        Service {
            $0.gauge(name + "_waiting", Double(lane.waiting), help.waiting)
            let refused = lane.refused
            for (cause, count) in [("all", refused.all), ("share", refused.share)] {
                $0.counter(name + "_refused_total", Double(count), help.refused, labels: [("cause", cause)])
            }
        }
    }

    /// What clients can fill.
    static func caches(_ uses: @escaping @Sendable () -> [(name: String, use: CacheUse)]) -> Service {
        Service {
            for (name, use) in uses() {
                let labels = [("cache", name)]
                $0.gauge(
                    "harbor_cache_keys", Double(use.count), "Keys that are held, by cache.", labels: labels)
                $0.counter(
                    "harbor_cache_evicted_total", Double(use.evictions),
                    "Keys that had to go for others, by cache.", labels: labels)
            }
        }
    }

    /// - Parameter loops: by number, or by what they do.
    static func loops(_ loops: [(name: String, loop: EventLoop)]) -> Service {
        Service {
            for (name, loop) in loops {
                let turns = loop.turnTimes
                $0.histogram(
                    "harbor_loop_turn_seconds", bounds: TurnTimes.bounds.map { Double($0) / 1e9 },
                    counts: turns.buckets, sum: Double(turns.nanoseconds) / 1e9,
                    "CPU time of one turn of an event loop, by loop: the number of one that serves requests, or recorder.",
                    labels: [("loop", name)])
            }
        }
    }
}
