//! A set of texts that keeps 39 bits of each: small enough to compile in, searched where it lies, and wrong
//! in one direction only. A text of the set is always found; another one is found by mistake once in
//! 2³⁹ ÷ (number of texts) searches: with 474 743 texts once in 1 158 000.
//!
//! The format, all numbers big endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `RFBLOCK1` |
//! | 4 × (2¹⁵ + 1) | for each bucket the number of the first entry in it, and at last the number of entries |
//! | 3 × entries | the entries, ascending within their bucket |
//!
//! A text's bucket is the first 15 bits of its SHA-256, its entry the 24 bits after those. (Filters that need
//! a fifth less room exist; they cannot be built and read in a page of code.)

use sha2::{Digest, Sha256};
use thiserror::Error;

const MAGIC: &[u8; 8] = b"RFBLOCK1";
const BUCKET_BITS: u32 = 15;
const BUCKETS: usize = 1 << BUCKET_BITS;

type Entry = [u8; 3];

/// A set that [`build`] wrote.
#[derive(Clone, Copy)]
pub struct Filter<'a> {
    /// The first entry of each bucket, and the end of the last one.
    starts: &'a [[u8; 4]],
    entries: &'a [Entry],
}

/// Bytes that [`build`] did not write, or not all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a whole filter of the format RFBLOCK1")]
pub struct InvalidFilter;

impl<'a> Filter<'a> {
    /// Reads a filter in place; nothing is copied.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, InvalidFilter> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(InvalidFilter)?;
        let (starts, entries) = rest.split_at_checked(4 * (BUCKETS + 1)).ok_or(InvalidFilter)?;
        let filter = Self { starts: starts.as_chunks().0, entries: entries.as_chunks().0 };
        let whole = entries.len() == filter.len() * size_of::<Entry>();
        let ascending = (0..BUCKETS).all(|bucket| filter.start(bucket) <= filter.start(bucket + 1));
        (whole && ascending && filter.start(0) == 0).then_some(filter).ok_or(InvalidFilter)
    }

    /// Whether `text` is in the set, or looks so by the accident described above.
    pub fn contains(&self, text: &str) -> bool {
        let (bucket, entry) = place(text);
        let entries = &self.entries[self.start(bucket)..self.start(bucket + 1)];
        entries.binary_search(&entry).is_ok()
    }

    /// How many entries there are. Two texts in the same place are one.
    pub fn len(&self) -> usize {
        self.start(BUCKETS)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn start(&self, bucket: usize) -> usize {
        u32::from_be_bytes(self.starts[bucket]) as usize
    }
}

/// Writes the set of `texts`, in any order. `None` for more texts than the format can count.
pub fn build<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Vec<u8>> {
    let mut places: Vec<(usize, Entry)> = texts.into_iter().map(place).collect();
    places.sort_unstable();
    places.dedup();

    let mut bytes = MAGIC.to_vec();
    for bucket in 0..=BUCKETS {
        let start = places.partition_point(|(other, _)| *other < bucket);
        bytes.extend(u32::try_from(start).ok()?.to_be_bytes());
    }
    bytes.extend(places.iter().flat_map(|(_, entry)| entry));
    Some(bytes)
}

fn place(text: &str) -> (usize, Entry) {
    let digest = Sha256::digest(text.as_bytes());
    let head = digest[..5].iter().fold(0_u64, |head, byte| (head << 8) | u64::from(*byte));
    let bucket = usize::try_from(head >> (40 - BUCKET_BITS)).expect("15 bits");
    let entry = (head >> (40 - BUCKET_BITS - 24)).to_be_bytes();
    (bucket, [entry[5], entry[6], entry[7]])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_place_of_a_text_is_the_documented_one() {
        // SHA-256 of "abc" is ba7816bf 8f…: 101110100111100 0 00010110 10111111 1000111 1…
        assert_eq!(place("abc"), (0b101_1101_0011_1100, [0b0000_1011, 0b0101_1111, 0b1100_0111]));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let bytes = build(["one", "two", "three"]).unwrap();
        assert_eq!(Filter::parse(&bytes).unwrap().len(), 3);
        for length in (0..16).chain(bytes.len() - 12..bytes.len()) {
            assert!(Filter::parse(&bytes[..length]).is_err(), "{length}");
        }
        assert!(Filter::parse(&[bytes.as_slice(), &[0]].concat()).is_err(), "more than whole");
        for place in [0, 8, 8 + 4 * 1000, 8 + 4 * BUCKETS] {
            let mut changed = bytes.clone();
            changed[place] ^= 0x40;
            assert!(Filter::parse(&changed).is_err(), "{place}");
        }
    }

    #[test]
    fn an_empty_filter_holds_nothing() {
        let bytes = build([]).unwrap();
        let filter = Filter::parse(&bytes).unwrap();
        assert!(filter.is_empty() && !filter.contains("") && !filter.contains("password"));
    }

    proptest! {
        #[test]
        fn every_text_is_found_and_hardly_any_other(
            texts in proptest::collection::btree_set(".{0,20}", 0..300),
            others in proptest::collection::btree_set(".{0,20}", 0..300),
        ) {
            let bytes = build(texts.iter().map(String::as_str)).unwrap();
            let filter = Filter::parse(&bytes).unwrap();
            prop_assert_eq!(filter.len(), texts.len());
            prop_assert!(texts.iter().all(|text| filter.contains(text)));
            prop_assert!(others.difference(&texts).all(|text| !filter.contains(text)));
        }
    }
}
