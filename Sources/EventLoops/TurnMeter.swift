/// Measures how much CPU time a loop's turns take, with as few reads of the CPU clock as possible.
///
/// Reading the thread's CPU clock is a system call of about 200 ns, which is a thirtieth of the cost of a request.
/// The monotonic clock takes 20 ns. A turn of less than a millisecond is measured by the monotonic clock, because its
/// CPU time cannot be longer. The CPU clock is read at the begin of a turn if the last read is at least a millisecond
/// old, and at the end of a turn of a millisecond or more. So the error of such a turn is at most a millisecond.
struct TurnMeter {
    /// Shorter turns are measured by the monotonic clock.
    static let shortNanoseconds: Int64 = 1_000_000

    private var startedAt: MonotonicInstant
    /// The last reading of the CPU clock, in nanoseconds; `cpuReadAt` is its time.
    private var cpu: UInt64 = 0
    private var cpuReadAt: MonotonicInstant
    /// The work that began last. It stays set after its turn: the next request is likely of the same route, and then
    /// costs only a comparison and no retain.
    private var work: TurnWork?
    private var isWorkOfThisTurn = false

    init(now: MonotonicInstant) {
        startedAt = now
        cpuReadAt = MonotonicInstant(nanoseconds: 0)
    }

    /// A turn begins.
    /// - Parameter clock: reads the thread's CPU clock, in nanoseconds.
    mutating func began(now: MonotonicInstant, _ clock: () -> UInt64) {
        startedAt = now
        isWorkOfThisTurn = false
        guard now.nanoseconds(since: cpuReadAt) >= Self.shortNanoseconds else { return }
        cpu = clock()
        cpuReadAt = now
    }

    /// The turn is about to do this work.
    mutating func begins(_ work: TurnWork) {
        isWorkOfThisTurn = true
        if self.work !== work { self.work = work }
    }

    /// The turn has ended.
    mutating func ended(now: MonotonicInstant, _ clock: () -> UInt64) -> Turn {
        let elapsed = now.nanoseconds(since: startedAt)
        guard elapsed >= Self.shortNanoseconds else { return Turn(cpu: elapsed, elapsed: elapsed) }
        let before = cpu
        cpu = clock()
        cpuReadAt = now
        let spent = cpu > before ? Int64(clamping: cpu &- before) : 0
        return Turn(
            cpu: min(spent, elapsed), elapsed: elapsed, work: isWorkOfThisTurn ? work?.name : nil)
    }

    /// The cost of one turn, in nanoseconds.
    struct Turn: Equatable {
        let cpu: Int64
        let elapsed: Int64
        /// The name of the last work of a turn of a millisecond or more; nil when it began none with a name.
        var work: String?
    }
}
