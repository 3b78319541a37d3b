use futures_util::FutureExt as _;

use super::*;

async fn is_needed(place: &mut Place<'_>) -> bool {
    place.needed().now_or_never().is_some()
}

#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_place_that_was_kept_for_longest() {
    let room = Room::new(2);
    let mut first = room.enter().await.unwrap();
    tokio::time::advance(GRACE / 2).await;
    let mut second = room.enter().await.unwrap();
    let began = Instant::now();
    let third = async {
        let place = room.enter().await.unwrap();
        (place, began.elapsed())
    };
    let leave = async {
        first.needed().await;
        drop(first);
    };
    let ((_third, waited), ()) = tokio::join!(third, leave);
    assert_eq!(waited, GRACE / 2);
    assert!(!is_needed(&mut second).await, "one place was needed");
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_while_there_is_room() {
    let room = Room::new(2);
    let mut first = room.enter().await.unwrap();
    tokio::time::advance(GRACE * 9).await;
    let _second = room.enter().await.unwrap();
    assert!(!is_needed(&mut first).await);
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_before_the_time_is_over() {
    let room = Room::new(1);
    let mut first = room.enter().await.unwrap();
    let waiting = tokio::time::timeout(GRACE - Duration::from_millis(1), room.enter());
    assert!(waiting.await.is_err());
    assert!(!is_needed(&mut first).await);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_left_is_free_at_once_and_forgotten() {
    let room = Room::new(1);
    drop(room.enter().await.unwrap());
    let began = Instant::now();
    let _next = room.enter().await.unwrap();
    assert_eq!((began.elapsed(), room.taken.lock().since.len()), (Duration::ZERO, 1));
}

#[tokio::test(start_paused = true)]
async fn as_many_go_as_wait() {
    let room = Room::new(8);
    let mut there = Vec::new();
    for _ in 0..8 {
        there.push(room.enter().await.unwrap());
    }
    let flood = there.into_iter().map(|mut place| async move {
        tokio::select! {
            () = place.needed() => true,
            () = sleep(GRACE * 3) => false,
        }
    });
    let waiting = (0..5).map(|_| async {
        let _place = room.enter().await.unwrap();
        sleep(GRACE * 9).await;
    });
    let (gone, _) = tokio::join!(futures_util::future::join_all(flood), futures_util::future::join_all(waiting));
    assert_eq!(gone.into_iter().filter(|gone| *gone).count(), 5);
}

#[tokio::test(start_paused = true)]
async fn who_waits_last_gets_in_although_the_places_that_it_freed_were_others() {
    let room = Room::new(2);
    let stalled = |number: u64| {
        let room = &room;
        async move {
            sleep(Duration::from_millis(number)).await;
            let mut place = room.enter().await.unwrap();
            place.needed().await;
        }
    };
    let flood = futures_util::future::join_all((0..40).map(stalled));
    let honest = async {
        sleep(Duration::from_millis(100)).await;
        // Its turn to make one go comes before the others' who wait for longer.
        room.give_up_one().await;
        drop(room.enter().await.unwrap());
    };
    tokio::select! {
        _ = flood => panic!("the last two are never needed"),
        done = tokio::time::timeout(GRACE * 60, honest) => done.unwrap(),
    }
}
