package storetest

import (
	"fmt"
	"reflect"
	"time"

	"elicense/internal/civil"
)

// base is the time from which filled times count, in a place other than UTC would show itself.
func base() time.Time { return time.Date(2026, time.March, 31, 23, 59, 59, 123456000, time.UTC) }

// full gives a value in which every field, at any depth, differs from its zero value and from every other field, so that
// a column that is forgotten or swapped with another one shows.
func full[T any]() T {
	var v T
	n := 0
	fill(reflect.ValueOf(&v).Elem(), reflect.TypeOf(v).String(), &n)
	return v
}

func fill(v reflect.Value, path string, n *int) {
	*n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(base().Add(time.Duration(*n) * time.Hour)))
		return
	case civil.Date:
		v.Set(reflect.ValueOf(civil.Date{Year: 2026, Month: time.January, Day: 1}.AddDays(*n)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d қазақ 'q' \"<&>\" \\ %% \U0001F4C4", path, *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(1000 + *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name, n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, n)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(fmt.Sprintf("%s-%d\x00\xff\xfe", path, *n)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), path, n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, path+"Key", n)
			fill(value, path+"Value", n)
			v.SetMapIndex(key, value)
		}
	default:
		panic("storetest: cannot fill a " + v.Type().String() + " at " + path)
	}
}
