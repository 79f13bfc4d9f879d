//! Random numbers and choices that a seed determines.

use std::time::{SystemTime, UNIX_EPOCH};

/// SplitMix64: small, and good enough to make up cases.
pub struct Random {
    state: u64,
}

impl Random {
    /// Seeds from `H5SIM_SEED` or the clock, and prints the seed.
    pub fn new(purpose: &str) -> Self {
        let seed = match std::env::var("H5SIM_SEED") {
            Ok(seed) => seed.parse().expect("H5SIM_SEED is an integer"),
            Err(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .subsec_nanos()
                .into(),
        };
        println!("{purpose}: H5SIM_SEED={seed}");
        Self { state: seed }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        first + (self.bits() % (last - first + 1) as u64) as i64
    }

    /// Yes, once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn choice<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A text with a few characters taken out, put in, replaced or moved.
    pub fn mutate(&mut self, text: &str, alphabet: &[char]) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(3) {
            let place = self.below(characters.len() + 1);
            let new = self.choice(alphabet);
            match self.below(5) {
                0 => characters.insert(place, new),
                _ if place == characters.len() => {}
                1 => characters[place] = new,
                2 => drop(characters.remove(place)),
                3 => characters.truncate(place),
                _ => {
                    let moved = characters.remove(place);
                    characters.insert(self.below(characters.len() + 1), moved);
                }
            }
        }
        characters.into_iter().collect()
    }
}
