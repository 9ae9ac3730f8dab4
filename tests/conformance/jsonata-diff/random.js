// Random draws that a seed and a number make again: the same pair in every run.
'use strict';

class Random {
    constructor(seed, number) {
        this.state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0;
        this.next();
        this.next();
    }

    // 32 bits (mulberry32).
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let word = this.state;
        word = Math.imul(word ^ (word >>> 15), word | 1);
        word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
        return (word ^ (word >>> 14)) >>> 0;
    }

    below(count) {
        return Math.floor((this.next() / 4294967296) * count);
    }

    chance(share) {
        return this.next() / 4294967296 < share;
    }

    pick(items) {
        return items[this.below(items.length)];
    }

    // `items` are [weight, item].
    weighted(items) {
        let rest = this.below(items.reduce((sum, [weight]) => sum + weight, 0));
        for (const [weight, item] of items) {
            if (rest < weight) return item;
            rest -= weight;
        }
        return items[items.length - 1][1];
    }
}

module.exports = { Random };
